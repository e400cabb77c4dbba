import { describe, expect } from 'vitest'
import { fileTypes } from '../../src/contracts/file-types.ts'
import { keepFile } from '../support/files.ts'
import { test } from '../support/world.ts'
import { faultyPaths, needsRole, refusal, unseen } from './refusal.ts'

describe('a company’s rules for files', () => {
  test('begin with all types and thirty days, are changed one by one and go back', async ({ world }) => {
    const { id: companyId, admin, viewer } = await world.company()
    const { get } = viewer.api.files.policy
    const { set } = admin.api.files.policy
    const first = { companyId, allowedTypes: [...fileTypes], trashDays: 30 }
    expect(await get.query({ companyId })).toEqual(first)
    expect(await set.mutate({ companyId, trashDays: 7 })).toEqual({ ...first, trashDays: 7 })
    const narrowed = { companyId, allowedTypes: ['text/csv', 'image/png', 'text/csv'] as const }
    expect(await set.mutate({ ...narrowed, allowedTypes: [...narrowed.allowedTypes] })).toEqual({
      companyId,
      allowedTypes: ['text/csv', 'image/png'],
      trashDays: 7,
    })
    expect(await set.mutate({ companyId })).toMatchObject({ trashDays: 7 })
    expect(await set.mutate({ companyId, allowedTypes: null, trashDays: null })).toEqual(first)
    expect(await get.query({ companyId })).toEqual(first)
  })

  test('are set by admins; another company sees none', async ({ world }) => {
    const [{ id: companyId, member }, other] = await Promise.all([world.company(), world.company()])
    expect(await refusal(member.api.files.policy.set.mutate({ companyId, trashDays: 1 }))).toMatchObject(
      needsRole('admin'),
    )
    const { policy } = other.admin.api.files
    expect(await refusal(policy.get.query({ companyId }))).toMatchObject(unseen)
    expect(await refusal(policy.set.mutate({ companyId, trashDays: 1 }))).toMatchObject(unseen)
  })

  test('take known types and 1 to 365 days', async ({ world }) => {
    const { id: companyId, admin } = await world.company()
    const { set } = admin.api.files.policy
    for (const trashDays of [0, 366, 1.5])
      expect(await faultyPaths(set.mutate({ companyId, trashDays }))).toEqual(['trashDays'])
    expect(await faultyPaths(set.mutate({ companyId, allowedTypes: [] }))).toEqual(['allowedTypes'])
    // @ts-expect-error no such type is on the list
    expect(await faultyPaths(set.mutate({ companyId, allowedTypes: ['text/html'] }))).toEqual(['allowedTypes.0'])
  })

  test.for([
    '{"trashDays": 0}',
    '{"trashDays": "5"}',
    '{"trashDays": [5, 400]}',
    '{"trashDays": 1.5}',
    '{"allowedTypes": {}}',
  ])('are never %s, whoever writes them', async (policy, { world }) => {
    const { id } = await world.company()
    const write = world.stack.owner.query(
      `update companies set settings = jsonb_build_object('filePolicy', $2::jsonb) where id = $1`,
      [id, policy],
    )
    await expect(write).rejects.toThrow('companies_file_policy_check')
  })

  test('leave the other settings alone, and a record of who changed them', async ({ world }) => {
    const { id: companyId, admin } = await world.company()
    const { owner } = world.stack
    await owner.query(`update companies set settings = '{"kept": true}' where id = $1`, [companyId])
    await admin.api.files.policy.set.mutate({ companyId, trashDays: 5 })
    const settings = { kept: true, filePolicy: { trashDays: 5 } }
    expect((await owner.query('select settings from companies where id = $1', [companyId])).rows).toEqual([
      { settings },
    ])
    const { rows } = await owner.query(
      `select user_id, changes #> '{settings,after}' as after from audit_logs
       where resource_id = $1 and changes ? 'settings' and user_id is not null and action = 'update'`,
      [companyId],
    )
    expect(rows).toEqual([{ user_id: admin.userId, after: settings }])
  })
})

describe('the storage of a company', () => {
  test.for([
    [100, 'ok', null],
    [26, 'ok', null],
    [25, 'nearly_full', "80 % of the company's storage is in use"],
    [20, 'full', 'storage is full'],
    [10, 'full', 'storage is full'],
  ] as const)('of %i bytes is %s with 20 in use', async ([maxBytes, level, words], { world }) => {
    const { id: companyId, member, viewer } = await world.company()
    const { id: studioId } = await world.studio(member, companyId)
    await keepFile(world.stack, member, { studioId, content: 'x'.repeat(12) })
    const { id: fileId } = await keepFile(world.stack, member, {
      studioId,
      content: 'x'.repeat(8),
      accessLevel: 'private',
    })
    await member.api.files.trash.mutate({ fileId })
    await world.stack.owner.query('insert into company_limits (company_id, max_storage_bytes) values ($1, $2)', [
      companyId,
      maxBytes,
    ])
    const message = words === null ? null : expect.stringContaining(words)
    const usage = { companyId, usedBytes: 20, maxBytes, level, message }
    expect(await viewer.api.files.storage.query({ companyId })).toEqual(usage)
  })

  test('is empty to begin with, as large as the plan says, and not for others to see', async ({ world }) => {
    const [{ id: companyId, viewer }, other] = await Promise.all([world.company(), world.company()])
    const usage = await viewer.api.files.storage.query({ companyId })
    const { rows } = await world.stack.owner.query(`select max_storage_bytes from plans where name = 'free'`)
    expect(usage).toEqual({
      companyId,
      usedBytes: 0,
      maxBytes: Number(rows[0].max_storage_bytes),
      level: 'ok',
      message: null,
    })
    expect(await refusal(other.admin.api.files.storage.query({ companyId }))).toMatchObject(unseen)
    expect(await faultyPaths(viewer.api.files.storage.query({ companyId: 'x' }))).toEqual(['companyId'])
  })
})
