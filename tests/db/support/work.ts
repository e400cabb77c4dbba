import type { ScopeClaims } from '../../../src/db/scope.ts'
import { insertRow, type Row, type Run } from './run.ts'

interface Place {
  id: string
  admin: ScopeClaims
  member: ScopeClaims
  studioId: string
  templateId: string
  executionId: string
  secret: string
}

interface Work {
  operationId: string
  membersOperationId: string
  scheduleId: string
}

/** Rows of what is done with runs: a failure group, bulk operations, a schedule, an engine of the company's own. */
export async function addWork(owner: Run, place: Place): Promise<Work> {
  const { id, admin, member, studioId, templateId, executionId, secret } = place
  const company = { company_id: id }
  const studio = { ...company, studio_id: studioId }
  const cause = { template_id: templateId, fingerprint: secret, message: secret }
  await insertRow(owner, 'failure_groups', { ...studio, ...cause })
  const operation = await insertRow(owner, 'bulk_operations', operationRow(id, admin))
  const membersOperation = await insertRow(owner, 'bulk_operations', operationRow(id, member))
  const item = { operation_id: operation['id'], ordinal: 1, execution_id: executionId, message: secret }
  await insertRow(owner, 'bulk_items', { ...studio, ...item })
  const schedule = await insertRow(owner, 'workflow_schedules', scheduleRow(id, studioId, templateId, admin))
  const occurrence = { schedule_id: schedule['id'], due_at: '2020-01-01', outcome: 'skipped', reason: secret }
  await insertRow(owner, 'schedule_occurrences', { ...studio, ...occurrence })
  const settings = JSON.stringify({ url: `https://${secret}.example.com`, maxRuns: 5 })
  const engine = { kind: 'activepieces', settings, secret_id: crypto.randomUUID(), created_by: admin.userId }
  const integration = await insertRow(owner, 'integrations', { ...company, ...engine })
  const flow = { template_id: templateId, content_hash: secret, flow_id: 'a'.repeat(21) }
  await insertRow(owner, 'integration_flows', { ...company, integration_id: integration['id'], ...flow })
  return {
    operationId: String(operation['id']),
    membersOperationId: String(membersOperation['id']),
    scheduleId: String(schedule['id']),
  }
}

/** What a run left behind: a message of its flow, an effect, an insight. */
export async function recordOutcome(owner: Run, run: Row, secret: string): Promise<void> {
  const { company_id, execution_id } = run
  const told = { attempt: 1, message_id: secret, type: 'log', outcome: 'applied' }
  await insertRow(owner, 'execution_callbacks', { company_id, execution_id, ...told })
  await insertRow(owner, 'execution_effects', { ...run, ordinal: 1, kind: secret, arguments: '{}' })
  const insight = { ordinal: 1, title: secret, importance: 'low', insight: '{}' }
  await insertRow(owner, 'insights', { ...run, ...insight })
}

export function operationRow(companyId: string, person: ScopeClaims): Row {
  return { company_id: companyId, user_id: person.userId, action: 'cancel', filter: '{}', total: 1 }
}

export function scheduleRow(companyId: string, studioId: string, templateId: string, person: ScopeClaims): Row {
  const place = { company_id: companyId, studio_id: studioId, template_id: templateId, user_id: person.userId }
  return { ...place, name: 'Weekly', cron: '0 8 * * 1', timezone: 'UTC', input_data: '{}', next_due_at: '2999-01-01' }
}
