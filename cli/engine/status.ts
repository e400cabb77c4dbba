import { ownFlowStates, type PublishedState } from '../../src/services/workflows/catalog-state.ts'
import type { EngineStatusReport } from '../../src/services/workflows/engine.ts'
import { textTable } from '../output.ts'
import { ownEngineOf, publishedCatalog, withEngine } from './services.ts'

/** Prints what the engine says of itself and how the catalog stands at it. @throws when it is of no use */
export async function printStatus(): Promise<void> {
  await withEngine(async (at) => {
    const report = await at.engine.status()
    process.stdout.write(`${linesOf(at.url, report).join('\n')}\n`)
    if (report.problem) throw new Error(report.problem)
    const states = (await publishedCatalog(at)).flatMap(({ published }) => published ?? [])
    printStates(states)
    if (states.some(({ state }) => state !== 'published'))
      throw new Error('Not every workflow is published as it is here; `studios engine publish` does that.')
  })
}

/** The same for a company's own engine. */
export async function printCompanyStatus(companyId: string): Promise<void> {
  await withEngine(async ({ database }) => {
    const { engine, url, integrationId } = await ownEngineOf(database, companyId)
    const report = await engine.status()
    process.stdout.write(`${linesOf(url, report).join('\n')}\n`)
    if (report.problem) throw new Error(report.problem)
    printStates(await ownFlowStates({ read: database.own.read, engine }, integrationId))
  })
}

function printStates(states: PublishedState[]): void {
  const rows = states.map(({ slug, version, flowId, state }) => [slug, version, flowId ?? '', state])
  process.stdout.write(`\n${textTable(['workflow', 'version', 'flow', 'state'], rows)}\n`)
}

function linesOf(url: string, { version, edition, isHealthy, limits, ...report }: EngineStatusReport): string[] {
  const account = report.isAccountAccepted ? `accepted, project ${report.projectId}` : 'not accepted'
  const told = (value: number | undefined, unit: string) => (value === undefined ? 'not told' : `${value} ${unit}`)
  return [
    `engine     ${url}`,
    `version    ${version ?? 'not told'}, edition ${edition ?? 'not told'}`,
    `health     ${isHealthy ? 'well' : 'not well'}`,
    `account    ${account}`,
    `limits     a flow ${told(limits.flowSeconds, 's')}, a payload ${told(limits.payloadMegabytes, 'MB')}, a file ${told(limits.fileMegabytes, 'MB')}, runs kept ${told(limits.retentionDays, 'days')}`,
  ]
}
