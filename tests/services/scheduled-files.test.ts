import { describe, expect } from 'vitest'
import type { Run } from '../db/support/run.ts'
import type { Tenant } from '../db/support/tenant.ts'
import { keepFile } from '../support/files.ts'
import { schemaWithFiles } from '../support/run-files.ts'
import { catalogPlace, test as turnsTest } from '../support/turns.ts'
import { startBulk } from './bulk-operations.ts'
import { test } from './clockwork.ts'

const at = (hour: number) => new Date(Date.UTC(2026, 2, 2, hour)).toISOString()
const unreadable = 'input.file names a file that is not there or that you may not read; choose another file'

async function takesFiles(owner: Run, { templateId }: Tenant) {
  const change =
    'update workflow_template_versions set input_schema = $2, content_hash = content_hash || $3 where template_id = $1'
  await owner(change, [templateId, schemaWithFiles, 'with files'])
}

describe('a schedule with a file', () => {
  test('starts a run with it, and is switched off once its person may not read it', async ({
    fire,
    owner,
    schedules,
    tenant,
  }) => {
    await takesFiles(owner, tenant)
    const input_data = JSON.stringify({ file: tenant.fileId })
    const id = await schedules.add(at(8), { cron: '0 * * * *', timezone: 'UTC', overlap: 'queue', input_data })
    await fire(at(8))
    const used = `select files_used from workflow_executions where company_id = $1 and source = 'schedule'`
    expect(await owner(used, [tenant.id])).toEqual([{ files_used: [{ file_id: tenant.fileId, usage_type: 'input' }] }])
    await schedules.endRuns()
    await owner(`update files set access_level = 'private', uploaded_by = $2 where id = $1`, [
      tenant.fileId,
      tenant.admin.userId,
    ])
    await fire(at(9))
    const reason = `The input no longer suits the workflow: ${unreadable}.`
    expect((await schedules.occurrences(id)).map((one) => [one.outcome, one.reason])).toEqual([
      ['started', null],
      ['refused', reason],
    ])
    expect(await schedules.find(id)).toMatchObject({ is_active: false, stopped_reason: reason })
    expect(await owner(used, [tenant.id])).toHaveLength(1)
  })
})

describe('a bulk replay', () => {
  turnsTest('runs again what its person may read, and says which file that is not', async ({ world, turns }) => {
    const { company, studioId, addRuns } = await catalogPlace(world)
    const { id: open } = await keepFile(world.stack, company.admin, { studioId })
    const { id: own } = await keepFile(world.stack, company.admin, { studioId, accessLevel: 'private' })
    const [readable = ''] = await addRuns(1, { status: 'failed', input: { file: open } })
    const [closed = ''] = await addRuns(1, { status: 'failed', input: { file: own } })
    const { items } = await startBulk(company, { action: 'replay', filter: { executionIds: [readable, closed] } })
    await turns()
    const verdicts = new Map((await items()).map((item) => [item.executionId, item]))
    expect(verdicts.get(closed)).toMatchObject({
      verdict: 'refused',
      message: `The input does not fit the workflow as it is now: ${unreadable}.`,
      newExecutionId: null,
    })
    const done = verdicts.get(readable)
    expect(done).toMatchObject({ verdict: 'done', message: null })
    const executionId = done?.newExecutionId ?? ''
    expect((await company.member.api.executions.byId.query({ executionId })).filesUsed).toEqual([
      { file_id: open, usage_type: 'input' },
    ])
  })
})
