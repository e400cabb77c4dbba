import type { ScopeClaims } from '../../../src/db/scope.ts'
import { addFiles } from './filing.ts'
import { companyRow, enrol, signUp, unique } from './people.ts'
import { insertRow, type Row, type Run } from './run.ts'
import { addWork, recordOutcome } from './work.ts'

/** A company with a row in every table, and the word that stands in every text of it. */
export interface Tenant {
  id: string
  secret: string
  admin: ScopeClaims
  member: ScopeClaims
  viewer: ScopeClaims
  studioId: string
  restrictedStudioId: string
  templateId: string
  executionId: string
  restrictedExecutionId: string
  /** Bulk operations that the admin and the member started. */
  operationId: string
  membersOperationId: string
  scheduleId: string
  folderId: string
  fileId: string
}

/** Makes such a company; only its admin enters the restricted studio, where a run is, too. */
export async function furnish(owner: Run): Promise<Tenant> {
  const secret = `secret${unique()}`
  const admin = await signUp(owner, `Admin ${secret}`)
  const member = await signUp(owner, `Member ${secret}`)
  const viewer = await signUp(owner, `Viewer ${secret}`)
  const { id } = await insertRow(owner, 'companies', companyRow(admin, secret))
  const companyId = String(id)
  await enrol(owner, companyId, member, 'member')
  await enrol(owner, companyId, viewer, 'viewer')
  await insertRow(owner, 'company_limits', { company_id: companyId, max_users: 9 })
  const studio = (access: string) =>
    insertRow(owner, 'studios', { ...studioRow(companyId, admin, `${access} ${secret}`), description: secret, access })
  const studioId = String((await studio('company'))['id'])
  const restrictedStudioId = String((await studio('restricted'))['id'])
  for (const studio_id of [studioId, restrictedStudioId]) {
    await insertRow(owner, 'studio_members', { company_id: companyId, studio_id, user_id: admin.userId })
  }
  const templateId = await offerTemplate(owner, companyId, secret)
  const run = (studio: string) =>
    finishRun(owner, { ...executionRow(companyId, studio, templateId, member), input_hash: secret }, secret)
  const [executionId, restrictedExecutionId] = [await run(studioId), await run(restrictedStudioId)]
  const work = await addWork(owner, { id: companyId, admin, member, studioId, templateId, executionId, secret })
  const filing = await addFiles(owner, { id: companyId, member, studioId, executionId, secret })
  const ids = { studioId, restrictedStudioId, templateId, executionId, restrictedExecutionId, ...work, ...filing }
  return { id: companyId, secret, admin, member, viewer, ...ids }
}

export function studioRow(companyId: string, founder: ScopeClaims, name = `Studio ${unique()}`) {
  return { company_id: companyId, name, business_area: 'sales', created_by: founder.userId }
}

export function executionRow(companyId: string, studioId: string, templateId: string, starter: ScopeClaims) {
  const template = { template_id: templateId, template_version: '1.0.0' }
  const input = { input_data: {}, input_hash: 'none' }
  return { company_id: companyId, studio_id: studioId, ...template, user_id: starter.userId, ...input }
}

/** A workflow, the company's own or, without one, the platform's. */
export async function offerTemplate(owner: Run, companyId: string | null, word: string): Promise<string> {
  const texts = { slug: word, name: word, description: word, value_proposition: word, category: 'Tests' }
  const traits = { business_area: 'sales', complexity_level: 'beginner', version: '1.0.0' }
  const minutes = { estimated_duration_minutes: 1, minutes_saved_per_run: 5 }
  const template = await insertRow(owner, 'workflow_templates', {
    company_id: companyId,
    ...texts,
    ...traits,
    ...minutes,
  })
  const schemas = { flow: {}, input_schema: {}, output_schema: {}, sample_input: {}, example_result: {} }
  const version = { template_id: template['id'], version: '1.0.0', content_hash: word, result_step: 'work' }
  const manifest = { title: word }
  await insertRow(owner, 'workflow_template_versions', { company_id: companyId, ...version, manifest, ...schemas })
  return String(template['id'])
}

async function finishRun(owner: Run, execution: Row, secret: string): Promise<string> {
  const { id, company_id, studio_id } = await insertRow(owner, 'workflow_executions', execution)
  const run = { company_id, studio_id, execution_id: id }
  await owner(`update workflow_executions set status = 'running' where id = $1`, [id])
  await insertRow(owner, 'execution_attempts', {
    ...run,
    number: 1,
    origin: 1,
    error: secret,
    callback_secret_hash: secret,
  })
  await insertRow(owner, 'execution_events', { ...run, type: 'log', message: secret })
  await recordOutcome(owner, run, secret)
  const result = JSON.stringify({ summary: secret })
  await owner(`update workflow_executions set status = 'succeeded', output_data = $2 where id = $1`, [id, result])
  // The end of a run takes its follower away.
  await insertRow(owner, 'execution_follows', { company_id, execution_id: id })
  return String(id)
}

/** The traces of a company that an answer shows: its secret word, the identifiers of its rows and people. */
export function tracesIn(answer: unknown, { admin, member, viewer, ...texts }: Tenant): string[] {
  const people = [admin, member, viewer].flatMap(({ userId, sessionId }) => [userId, sessionId])
  const text = JSON.stringify(answer)
  return [...Object.values(texts), ...people].filter((trace) => text.includes(trace))
}
