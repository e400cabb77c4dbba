import { createClient } from '@supabase/supabase-js'
import { describe, expect, onTestFinished } from 'vitest'
import { deleteVersion, restoreVersion } from '../../src/db/queries/file-versions.ts'
import { claimsOf, databasesOf } from '../support/claims.ts'
import { keepFile, keepVersion } from '../support/files.ts'
import { test } from '../support/resting.ts'
import { join, type World } from '../support/world.ts'
import { allPages } from './lists.ts'
import { faultyPaths, needsRole, notNow, refusal, unseen } from './refusal.ts'

/** A file of the member's with three versions, the third of them current. */
async function grown(world: World, accessLevel: 'studio' | 'private' = 'studio') {
  const company = await world.company()
  const { id: studioId } = await world.studio(company.admin, company.id)
  const first = await keepFile(world.stack, company.member, { studioId, content: 'one', accessLevel })
  const fileId = first.id
  await keepVersion(world.stack, company.member, fileId, 'two, longer')
  await keepVersion(world.stack, company.admin, fileId, 'three')
  return { company, fileId, first, files: company.member.api.files, versions: company.member.api.files.versions }
}

const key = { fileId: '00000000-0000-4000-8000-000000000000', version: 1 }

describe('the versions of a file', () => {
  test('are listed newest first, page by page, without what is still uploaded', async ({ world }) => {
    const { company, fileId, first } = await grown(world)
    await world.stack.owner.query(
      `insert into file_versions (company_id, file_id, number, uploaded_by, file_size, mime_type, supabase_path, id, expires_at)
       select company_id, file_id, 9, uploaded_by, 5, mime_type, company_id || '/' || u, u, now() from file_versions, gen_random_uuid() u
       where file_id = $1 and number = 1`,
      [fileId],
    )
    const { list } = company.viewer.api.files.versions
    const all = await allPages((cursor) => list.query({ fileId, limit: 2, ...cursor }))
    expect(all.map(({ version, isCurrent, fileSize }) => [version, isCurrent, fileSize])).toEqual([
      [3, true, 5],
      [2, false, 11],
      [1, false, 3],
    ])
    expect(all[2]).toMatchObject({ fileId, checksum: first.checksum, uploadedBy: company.member.userId })
    expect(await faultyPaths(list.query({ fileId, cursor: 'x' }))).toEqual(['cursor'])
    expect(await refusal(list.query({ fileId: key.fileId }))).toMatchObject(unseen)
  })

  test('of which an older one is made current again: its bytes, size, type and checksum', async ({ world }) => {
    const { company, fileId, first, files, versions } = await grown(world)
    const restored = await versions.restore.mutate({ fileId, version: 1 })
    expect(restored).toMatchObject({ version: 1, fileSize: 3, checksum: first.checksum })
    expect(await files.byId.query({ fileId })).toEqual(restored)
    const { url, publishableKey } = world.stack.supabase
    const options = { auth: { persistSession: false }, accessToken: async () => company.member.accessToken }
    const storage = createClient(url, publishableKey, options).storage
    const { data } = await storage.from('studio-files').download(first.path)
    expect(await data?.text()).toBe('one')
    expect((await versions.list.query({ fileId })).items).toHaveLength(3)
    const { rows } = await world.stack.owner.query(
      `select user_id, changes -> 'version' as version from audit_logs where resource_id = $1 and changes ? 'version'
       and user_id is not null`,
      [fileId],
    )
    expect(rows).toEqual([{ user_id: company.member.userId, version: { before: 3, after: 1 } }])
  })

  test('are restored and deleted once', async ({ world }) => {
    const { fileId, versions } = await grown(world)
    expect(await refusal(versions.restore.mutate({ fileId, version: 3 }))).toMatchObject(notNow)
    expect(await refusal(versions.restore.mutate({ fileId, version: 4 }))).toMatchObject(unseen)
    expect(await refusal(versions.delete.mutate({ fileId, version: 3 }))).toMatchObject(notNow)
    await versions.delete.mutate({ fileId, version: 1 })
    expect(await refusal(versions.delete.mutate({ fileId, version: 1 }))).toMatchObject(unseen)
    expect(await faultyPaths(versions.restore.mutate({ fileId, version: 0 }))).toEqual(['version'])
    expect(await faultyPaths(versions.delete.mutate({ fileId, version: 1.5 }))).toEqual(['version'])
  })

  test('give the storage its bytes back when they are deleted, and that is recorded', async ({ world }) => {
    const { company, fileId, first, files, versions } = await grown(world)
    const used = async () => (await files.storage.query({ companyId: company.id })).usedBytes
    expect(await used()).toBe(19)
    await company.admin.api.files.versions.delete.mutate({ fileId, version: 1 })
    expect(await used()).toBe(16)
    const { owner } = world.stack
    const removals = await owner.query('select supabase_path from file_removals where company_id = $1', [company.id])
    expect(removals.rows).toEqual([{ supabase_path: first.path }])
    const record = `select user_id from audit_logs where resource_type = 'file_versions' and resource_id = $1 and action = 'delete'`
    expect((await owner.query(record, [first.versionId])).rows).toEqual([{ user_id: company.admin.userId }])
    expect((await versions.list.query({ fileId })).items).toHaveLength(2)
  })

  test('stay while the file is in the trash', async ({ world }) => {
    const { fileId, files, versions } = await grown(world)
    await files.trash.mutate({ fileId })
    expect(await refusal(versions.restore.mutate({ fileId, version: 1 }))).toMatchObject(notNow)
  })

  test('are deleted by the owner and by admins, restored by members, and neither by others', async ({ world }) => {
    const [{ company, fileId }, other] = await Promise.all([grown(world), world.company()])
    const colleague = await world.signUp('Other Member')
    await join(company.admin, colleague, company, 'member')
    const owners = { code: 'FORBIDDEN', message: expect.stringContaining('owner of a file or an admin') }
    const one = { fileId, version: 1 }
    expect(await refusal(colleague.api.files.versions.delete.mutate(one))).toMatchObject(owners)
    expect(await colleague.api.files.versions.restore.mutate(one)).toMatchObject({ version: 1 })
    for (const [person, answer] of [
      [company.viewer, needsRole('member')],
      [other.admin, unseen],
    ] as const) {
      const { versions } = person.api.files
      expect(await refusal(versions.restore.mutate({ fileId, version: 2 }))).toMatchObject(answer)
      expect(await refusal(versions.delete.mutate({ fileId, version: 2 }))).toMatchObject(answer)
    }
    expect(await refusal(other.admin.api.files.versions.list.query({ fileId }))).toMatchObject(unseen)
  })

  test('of a private file are its owner’s alone', async ({ world }) => {
    const { company, fileId, versions } = await grown(world, 'private')
    const admin = company.admin.api.files.versions
    expect(await refusal(admin.list.query({ fileId }))).toMatchObject(unseen)
    expect(await refusal(admin.restore.mutate({ fileId, version: 1 }))).toMatchObject(unseen)
    expect(await refusal(admin.delete.mutate({ fileId, version: 1 }))).toMatchObject(unseen)
    expect(await versions.restore.mutate({ fileId, version: 1 })).toMatchObject({ version: 1 })
  })

  test.for([
    ['deleted', 'restored', deleteVersion, restoreVersion],
    ['restored', 'deleted', restoreVersion, deleteVersion],
  ] as const)('that is %s is not %s at the same moment', async ([, , first, second], { world }) => {
    const { company, fileId } = await grown(world)
    const { worker, close } = databasesOf(world.stack)
    onTestFinished(close)
    const vouched = worker.vouched(claimsOf(company.member), { id: 'test', ip: '', agent: '' })
    const one = { fileId, version: 1 }
    const blocked = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
      and query ~ 'app.(delete|restore)_version'`
    const later = await vouched(async (tx) => {
      expect(await first(tx, one)).toBe(true)
      const outcome = vouched((other) => second(other, one))
      while ((await world.stack.owner.query(blocked)).rowCount === 0);
      return { outcome }
    })
    expect(await later.outcome).toBe(false)
  })
})
