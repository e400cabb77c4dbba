import { describe, expect } from 'vitest'
import { includesRole, type Role, roles, type TableAccess, tenantAccess } from '../../src/contracts/access.ts'
import type { Database } from '../../src/db/client.ts'
import type { ScopeClaims } from '../../src/db/scope.ts'
import { fileRow, shareRow, versionRow } from './support/filing.ts'
import { insertRow, type Row, type Run, refusalOf, runAs, transactAs } from './support/run.ts'
import { executionRow, studioRow, type Tenant } from './support/tenant.ts'
import { test as base } from './support/two-companies.ts'
import { operationRow, scheduleRow } from './support/work.ts'

const test = base.extend('database', { scope: 'file' }, ({ clone }) => clone.open())

type Table = keyof typeof tenantAccess
type Verb = keyof TableAccess
type Who = Role | 'the admin of another company'

/** For each table a row to insert, and a change of the rows that are there. */
const samples: Record<Table, { row(tenant: Tenant, caller: ScopeClaims): Row; change: string }> = {
  studios: { row: ({ id }, caller) => studioRow(id, caller), change: `description = 'Changed'` },
  studio_members: {
    row: ({ id, studioId, member }) => ({ company_id: id, studio_id: studioId, user_id: member.userId }),
    change: 'created_at = now()',
  },
  folders: {
    row: ({ id, studioId }, caller) => ({
      company_id: id,
      studio_id: studioId,
      name: 'New',
      created_by: caller.userId,
    }),
    change: `name = 'Changed'`,
  },
  files: {
    row: ({ id, studioId }, caller) => fileRow(id, studioId, caller, 'New.csv'),
    change: `filename = 'Changed.csv'`,
  },
  file_versions: { row: ({ id, fileId }, caller) => versionRow(id, fileId, caller, 2), change: 'file_size = 1' },
  file_shares: { row: ({ id, fileId }, caller) => shareRow(id, fileId, caller, 'new'), change: 'revoked_at = now()' },
  execution_files: {
    row: (tenant) => ({ ...useOfFile(tenant), usage_type: 'output' }),
    change: `property = 'Changed'`,
  },
  file_reads: { row: (tenant) => useOfFile(tenant), change: 'version = 2' },
  company_storage: { row: ({ id }) => ({ company_id: id, used_bytes: 0 }), change: 'used_bytes = 0' },
  workflow_executions: {
    row: ({ id, studioId, templateId }, caller) => executionRow(id, studioId, templateId, caller),
    change: 'cancel_requested_at = now()',
  },
  execution_attempts: {
    row: (tenant) => ({ ...partOfRun(tenant), number: 2, origin: 2 }),
    change: `error = 'Changed'`,
  },
  execution_events: {
    row: (tenant) => ({ ...partOfRun(tenant), type: 'log', message: 'Hello' }),
    change: `message = 'Changed'`,
  },
  execution_effects: {
    row: (tenant) => ({ ...partOfRun(tenant), ordinal: 2, kind: 'x', arguments: '{}' }),
    change: `outcome = 'applied'`,
  },
  insights: {
    row: (tenant) => ({ ...partOfRun(tenant), ordinal: 2, title: 'x', importance: 'low', insight: '{}' }),
    change: `title = 'Changed'`,
  },
  failure_groups: {
    row: ({ id, studioId, templateId }) => ({
      company_id: id,
      studio_id: studioId,
      template_id: templateId,
      fingerprint: 'x',
      message: 'x',
    }),
    change: `state = 'ignored'`,
  },
  bulk_operations: { row: ({ id }, caller) => operationRow(id, caller), change: `status = 'aborted'` },
  bulk_items: {
    // Each into an operation of their own; the admin's has the open studio's run already.
    row: (tenant, { userId }) =>
      userId === tenant.admin.userId
        ? {
            ...partOfRun({ ...tenant, studioId: tenant.restrictedStudioId, executionId: tenant.restrictedExecutionId }),
            ...{ operation_id: tenant.operationId, ordinal: 2 },
          }
        : { ...partOfRun(tenant), operation_id: tenant.membersOperationId, ordinal: 2 },
    change: `verdict = 'done'`,
  },
  workflow_schedules: {
    row: ({ id, studioId, templateId }, caller) => scheduleRow(id, studioId, templateId, caller),
    change: `name = 'Changed'`,
  },
  schedule_occurrences: {
    row: ({ id, studioId, scheduleId }) => ({
      company_id: id,
      studio_id: studioId,
      schedule_id: scheduleId,
      due_at: '2021-01-01',
      outcome: 'skipped',
    }),
    change: `reason = 'Changed'`,
  },
  integrations: {
    row: ({ id }, caller) => ({
      company_id: id,
      kind: 'activepieces',
      settings: '{}',
      secret_id: crypto.randomUUID(),
      created_by: caller.userId,
    }),
    change: `status = 'ready'`,
  },
  company_limits: { row: ({ id }) => ({ company_id: id, max_users: 1000 }), change: 'max_users = 1000' },
  company_usage: { row: ({ id }) => ({ company_id: id, month: '2001-01' }), change: 'executions = 0' },
  audit_logs: {
    row: ({ id }) => ({ company_id: id, actor: 'operator', action: 'insert', resource_type: 'studios' }),
    change: `actor = 'operator'`,
  },
}

const useOfFile = ({ id, executionId, fileId }: Tenant) => ({
  company_id: id,
  execution_id: executionId,
  file_id: fileId,
  version: 1,
})

const partOfRun = ({ id, studioId, executionId }: Tenant) => ({
  company_id: id,
  studio_id: studioId,
  execution_id: executionId,
})

const statements: Record<Verb, (run: Run, table: Table, tenant: Tenant, caller: ScopeClaims) => Promise<Row[]>> = {
  select: (run, table, { id }) => run(`select company_id from ${table} where company_id = $1`, [id]),
  insert: async (run, table, tenant, caller) => {
    const row = samples[table].row(tenant, caller)
    const places = Object.keys(row).map((_, index) => `$${index + 1}`)
    return run(`insert into ${table} (${Object.keys(row)}) values (${places}) returning company_id`, Object.values(row))
  },
  update: (run, table, { id }) =>
    run(`update ${table} set ${samples[table].change} where company_id = $1 returning company_id`, [id]),
  delete: (run, table, { id }) => run(`delete from ${table} where company_id = $1 returning company_id`, [id]),
}

type Outcome = 'allowed' | 'no row' | 'refused'

/** What the matrix says comes of it: a row that may not be written is an error, one that may not be seen is not there. */
function due(table: Table, verb: Verb, who: Who): Outcome {
  const needed: Role | null = tenantAccess[table][verb]
  const mayDo = needed !== null && who !== 'the admin of another company' && includesRole(who, needed)
  if (mayDo) return 'allowed'
  return verb === 'insert' || needed === null ? 'refused' : 'no row'
}

/** Tries it and takes it back. */
async function tryOut(database: Database, caller: ScopeClaims, work: (run: Run) => Promise<Row[]>): Promise<Outcome> {
  let outcome: Outcome = 'refused'
  const takenBack = new Error('taken back')
  const attempt = transactAs(database, caller, async (run) => {
    outcome = (await work(run)).length > 0 ? 'allowed' : 'no row'
    throw takenBack
  })
  await attempt.catch((error: unknown) => {
    if (error !== takenBack && !(error instanceof Error && 'code' in error && error.code === 'FORBIDDEN')) throw error
  })
  return outcome
}

const tables = Object.keys(samples) as Table[]
const everybody: Who[] = [...roles, 'the admin of another company']
const verbs: Verb[] = ['select', 'insert', 'update', 'delete']

describe.each(tables)('%s', (table) => {
  for (const verb of verbs) {
    test.for(everybody)(`${verb} by %s`, async (who, { database, companies: { ours, theirs } }) => {
      const caller = who === 'the admin of another company' ? theirs.admin : ours[who]
      const outcome = await tryOut(database, caller, (run) => statements[verb](run, table, ours, caller))
      expect(outcome).toBe(due(table, verb, who))
    })
  }
})

describe('a row in somebody else’s name', () => {
  test('is refused: studios, runs and companies belong to who makes them', async ({
    database,
    companies: { ours },
  }) => {
    const run = runAs(database, ours.member)
    const forbidden = { state: '42501' }
    const { id, studioId, templateId, admin } = ours
    expect(await refusalOf(insertRow(run, 'studios', studioRow(id, admin)))).toMatchObject(forbidden)
    const execution = executionRow(id, studioId, templateId, admin)
    expect(await refusalOf(insertRow(run, 'workflow_executions', execution))).toMatchObject(forbidden)
  })
})

describe('a restricted studio', () => {
  const everything = ({ restrictedStudioId: studio }: Tenant) => [
    `select id from studios where id = '${studio}'`,
    `select id from workflow_executions where studio_id = '${studio}'`,
    `select execution_id from execution_attempts where studio_id = '${studio}'`,
    `select id from execution_events where studio_id = '${studio}'`,
    `select user_id from studio_members where studio_id = '${studio}'`,
    `update studios set description = 'Changed' where id = '${studio}' returning id`,
    `update workflow_executions set cancel_requested_at = now() where studio_id = '${studio}' returning id`,
  ]

  test('is hidden with its runs and their events from a member who is not named', async ({
    database,
    companies: { ours },
  }) => {
    for (const statement of everything(ours)) {
      expect(await runAs(database, ours.member)(statement), statement).toEqual([])
      expect(await runAs(database, ours.admin)(statement), statement).not.toEqual([])
    }
    const { id, restrictedStudioId, templateId, member } = ours
    const execution = executionRow(id, restrictedStudioId, templateId, member)
    const start = insertRow(runAs(database, member), 'workflow_executions', execution)
    expect(await refusalOf(start)).toMatchObject({ state: '42501' })
  })

  test('opens to a member who is named, and to nobody of another company', async ({ owner, database, companies }) => {
    const { ours, theirs } = companies
    const named = { company_id: ours.id, studio_id: ours.restrictedStudioId, user_id: ours.member.userId }
    await insertRow(owner, 'studio_members', named)
    for (const statement of everything(ours)) {
      expect(await runAs(database, ours.member)(statement), statement).not.toEqual([])
      expect(await runAs(database, theirs.admin)(statement), statement).toEqual([])
    }
    const foreign = { ...named, user_id: theirs.member.userId }
    expect(await refusalOf(insertRow(owner, 'studio_members', foreign))).toMatchObject({ state: '23503' })
    await owner('delete from studio_members where user_id = $1', [ours.member.userId])
  })
})
