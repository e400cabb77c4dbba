import type { World } from '../support/world.ts'

/** A company with a studio and everything that a run of the deal pipeline analysis needs. */
export async function pipeline(world: World) {
  const company = await world.company()
  const [{ id: studioId }, { id: templateId, sampleInput }] = await Promise.all([
    world.studio(company.member, company.id),
    company.member.api.catalog.byId.query({ templateId: 'deal-pipeline-analysis' }),
  ])
  const input = { data: 'opportunity_id,deal_stage\n1,Won\n' }
  return {
    company,
    studioId,
    templateId,
    /** A small input that the form takes. */
    input,
    sampleInput,
    /** A run that the member starts. */
    async start(given: Record<string, unknown> = input) {
      const { execution } = await company.member.api.executions.start.mutate({ studioId, templateId, input: given })
      return { execution, executionId: execution.id }
    },
  }
}

/** Keeps the company's runs where they are: none goes to the engine, and those over the month's number are held. */
export async function stopDispatch(world: World, companyId: string, { runsAMonth = 1000 } = {}): Promise<void> {
  const limits = 'company_id, max_concurrent_executions, max_executions_per_month'
  await world.stack.owner.query(`insert into company_limits (${limits}) values ($1, 0, $2)`, [companyId, runsAMonth])
}
