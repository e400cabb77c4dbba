import { z } from 'zod'
import { type Engine, EngineUnavailable, type StartOutcome, type StartPayload } from '../services/workflows/engine.ts'
import { engineHttp, expectAnswer, isUnsent, readBounded, type SendToEngine } from './http.ts'
import { toEngineRun } from './run.ts'
import { flowRun, flowRunPage, populatedFlow, type RawRun, slice } from './schemas.ts'
import { type EngineAccount, type EngineSession, engineSession } from './session.ts'

export interface ActivePiecesOptions {
  /** Host of the engine, without `/api/v1`. */
  url: string
  account: EngineAccount
  /** Sent in the header that the published flows' triggers check. */
  webhookSecret: string
  timeoutMs?: number
}

const webhookSecretHeader = 'x-studios-engine-secret'

/** The engine port over ActivePieces' REST interface (ACTIVEPIECES.md). */
export function activePieces(options: ActivePiecesOptions): Engine {
  const http = engineHttp(options.url, options.timeoutMs ?? 15_000)
  const session = engineSession(http, options.account)
  return {
    start: (flowId, payload) => start(http, options.webhookSecret, flowId, payload),
    findRun: (flowId, correlationId, since) => findRun(session, flowId, correlationId, since),
    getRun: async (runId, resultStep) => {
      const answer = await session.send({ method: 'GET', path: `/flow-runs/${runId}` })
      if (answer.status === 404) return undefined
      return toEngineRun(await withResult(expectAnswer(answer, flowRun, 'a look at the run'), resultStep))
    },
    retry: async (runId) => {
      const body = { strategy: 'FROM_FAILED_STEP', projectId: await session.projectId() }
      const { status } = await session.send({ method: 'POST', path: `/flow-runs/${runId}/retry`, body })
      if (status === 200) return { kind: 'accepted' }
      return { kind: status === 404 || status === 410 ? 'gone' : 'unclear', reason: `status ${status}` }
    },
    resume: async (runId, waitpointId, { action, body }) => {
      const path = `/flow-runs/${runId}/waitpoints/${waitpointId}${action ? `?action=${action}` : ''}`
      const answer = await http({ method: 'POST', path, body })
      return { kind: JSON.stringify(answer.body).includes('expired') ? 'stale' : 'taken' }
    },
    cancel: async (runId) => {
      const body = { projectId: await session.projectId(), flowRunIds: [runId] }
      expectAnswer(await session.send({ method: 'POST', path: '/flow-runs/cancel', body }), z.unknown(), 'the cancel')
    },
    isEnabled: async (flowId) => {
      const answer = await session.send({ method: 'GET', path: `/flows/${flowId}` })
      return answer.status === 404
        ? false
        : expectAnswer(answer, populatedFlow, 'a look at the flow').status === 'ENABLED'
    },
    publish: (flow, flowId) => publish(session, flow, flowId),
  }
}

async function start(http: SendToEngine, secret: string, flowId: string, payload: StartPayload): Promise<StartOutcome> {
  try {
    const headers = { [webhookSecretHeader]: secret }
    const { status } = await http({ method: 'POST', path: `/webhooks/${flowId}`, headers, body: payload })
    if (status === 200) return { kind: 'accepted' }
    if (status >= 500) return { kind: 'unclear', reason: `the engine answered with status ${status}` }
    return { kind: 'refused', reason: refusals[status] ?? `the engine refused the start with status ${status}` }
  } catch (error) {
    if (isUnsent(error)) return { kind: 'unreachable', reason: 'the engine cannot be reached' }
    return { kind: 'unclear', reason: 'the engine did not answer in time' }
  }
}

const refusals: Record<number, string> = {
  404: 'the workflow is switched off at the engine',
  410: 'the workflow is missing at the engine',
  413: 'the input is larger than the engine takes',
}

async function findRun(
  session: EngineSession,
  flowId: string,
  correlationId: string,
  since: string,
): Promise<string | undefined> {
  const query = new URLSearchParams({
    projectId: await session.projectId(),
    flowId,
    tags: correlationId,
    createdAfter: since,
    limit: '5',
  })
  const answer = await session.send({ method: 'GET', path: `/flow-runs?${query}` })
  return expectAnswer(answer, flowRunPage, 'the search for the run').data[0]?.id
}

// Outputs over 32 KB come as a link.
async function withResult(run: RawRun, resultStep: string): Promise<RawRun> {
  const step = run.steps?.[resultStep]
  if (run.status !== 'SUCCEEDED' || step?.outputType !== 'slice') return run
  const link = slice.safeParse(step.output)
  if (!link.success)
    throw new EngineUnavailable('The engine gave no link to a large step output.', { cause: link.error })
  return { ...run, steps: { ...run.steps, [resultStep]: { ...step, output: await fetchSlice(link.data.url) } } }
}

async function fetchSlice(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(30_000) })
    if (!response.ok) throw new Error(`status ${response.status}`)
    return JSON.parse(await readBounded(response))
  } catch (cause) {
    throw new EngineUnavailable('A large step output could not be fetched from the engine.', { cause })
  }
}

type Flow = Parameters<Engine['publish']>[0]

async function publish(session: EngineSession, flow: Flow, known: string | undefined): Promise<string> {
  const id =
    (known && (await isThere(session, known)) ? known : undefined) ?? (await createFlow(session, flow.displayName))
  const operate = async (type: string, request: object) => {
    const answer = await session.send({ method: 'POST', path: `/flows/${id}`, body: { type, request } })
    return expectAnswer(answer, populatedFlow, `the operation ${type}`)
  }
  const imported = await operate('IMPORT_FLOW', { ...flow, notes: null })
  if (imported.version?.valid !== true) throw new Error(`The engine does not find the flow ${flow.displayName} valid.`)
  const published = await operate('LOCK_AND_PUBLISH', {})
  if (published.status !== 'ENABLED') throw new Error(`The engine did not switch the flow ${flow.displayName} on.`)
  return id
}

async function isThere(session: EngineSession, flowId: string): Promise<boolean> {
  const { status } = await session.send({ method: 'GET', path: `/flows/${flowId}` })
  return status === 200
}

async function createFlow(session: EngineSession, displayName: string): Promise<string> {
  const body = { displayName, projectId: await session.projectId() }
  return expectAnswer(await session.send({ method: 'POST', path: '/flows', body }), populatedFlow, 'a new flow').id
}
