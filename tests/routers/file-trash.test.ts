import { describe, expect, onTestFinished } from 'vitest'
import { deleteFile } from '../../src/db/queries/file-changes.ts'
import { refusalOf, runAs } from '../db/support/run.ts'
import { claimsOf, databasesOf } from '../support/claims.ts'
import { keepFile, keepVersion } from '../support/files.ts'
import { test } from '../support/resting.ts'
import { join, type Person, type World } from '../support/world.ts'
import { needsRole, notNow, refusal, unseen } from './refusal.ts'

async function bin(world: World) {
  const company = await world.company()
  const { id: studioId } = await world.studio(company.admin, company.id)
  const keep = (fields: Partial<Parameters<typeof keepFile>[2]> = {}, person = company.member) =>
    keepFile(world.stack, person, { studioId, ...fields })
  const trashed = async (fields: Partial<Parameters<typeof keepFile>[2]> = {}, person = company.member) => {
    const made = await keep(fields, person)
    await person.api.files.trash.mutate({ fileId: made.id })
    return made
  }
  const used = async () => (await company.viewer.api.files.storage.query({ companyId: company.id })).usedBytes
  const queued = async () => {
    const { rows } = await world.stack.owner.query('select supabase_path from file_removals where company_id = $1', [
      company.id,
    ])
    return new Set(rows.map((row) => String(row.supabase_path)))
  }
  return { company, studioId, keep, trashed, used, queued }
}

describe('the trash', () => {
  test('takes a file out of the list and gives it back as it was', async ({ world }) => {
    const { company, keep } = await bin(world)
    const { id: fileId } = await keep()
    const { files } = company.member.api
    const before = await files.byId.query({ fileId })
    const trashed = await files.trash.mutate({ fileId })
    expect(trashed.deletedAt).not.toBeNull()
    expect((await files.list.query({ companyId: company.id })).items).toEqual([])
    expect((await files.list.query({ companyId: company.id, trash: true })).items).toMatchObject([{ id: fileId }])
    expect(await refusal(files.trash.mutate({ fileId }))).toMatchObject(notNow)
    expect(await refusal(files.update.mutate({ fileId, filename: 'x.csv' }))).toMatchObject(notNow)
    expect(await refusal(files.move.mutate({ fileId }))).toMatchObject(notNow)
    const restored = await files.restore.mutate({ fileId })
    expect(restored).toEqual({ ...before, updatedAt: restored.updatedAt })
    expect(await refusal(files.restore.mutate({ fileId }))).toMatchObject(notNow)
  })

  test('says itself when a file came into it; nobody moves that moment, nor what went along with a folder', async ({
    world,
  }) => {
    const { company, keep } = await bin(world)
    const { id: fileId } = await keep()
    const { api, close } = databasesOf(world.stack)
    onTestFinished(close)
    const run = runAs(api, claimsOf(company.member))
    const since = new Date(Date.now() - 60_000).toISOString()
    const putThere = (when: string) =>
      run(`update files set deleted_at = ${when} where id = $1 returning deleted_at`, [fileId])
    for (const when of [`'2001-01-01'`, `'2001-01-01'`, `'infinity'`]) {
      const [row] = await putThere(when)
      const at = new Date(String(row?.['deleted_at'])).toISOString()
      expect(at > since && at < new Date(Date.now() + 60_000).toISOString()).toBe(true)
    }
    const claim = run('update files set deleted_with = id where id = $1', [fileId])
    expect(await refusalOf(claim)).toMatchObject({ state: '42501' })
  })
})

describe('deleting for good', () => {
  test('is for the owner, from the trash only; the storage has its bytes back and they are queued for removal', async ({
    world,
  }) => {
    const { company, keep, used, queued } = await bin(world)
    const { id: fileId, path } = await keep({ content: 'first' })
    const second = await keepVersion(world.stack, company.member, fileId, 'second one')
    const { files } = company.member.api
    expect(await used()).toBe(15)
    expect(await refusal(files.deleteForever.mutate({ fileId }))).toMatchObject(notNow)
    await files.trash.mutate({ fileId })
    expect(await files.deleteForever.mutate({ fileId })).toEqual({ fileId })
    expect(await refusal(files.byId.query({ fileId }))).toMatchObject(unseen)
    expect(await refusal(files.deleteForever.mutate({ fileId }))).toMatchObject(unseen)
    expect(await used()).toBe(0)
    expect(await queued()).toEqual(new Set([path, second.path]))
  })

  test('is for admins too, but for other people’s private files; not for other members', async ({ world }) => {
    const { company, trashed } = await bin(world)
    const other = await world.signUp('Other Member')
    await join(company.admin, other, company, 'member')
    const [shared, secret] = [await trashed(), await trashed({ accessLevel: 'private' })]
    const told = { code: 'FORBIDDEN', message: expect.stringContaining('owner of a file or an admin') }
    expect(await refusal(other.api.files.deleteForever.mutate({ fileId: shared.id }))).toMatchObject(told)
    const { deleteForever } = company.admin.api.files
    expect(await refusal(deleteForever.mutate({ fileId: secret.id }))).toMatchObject(unseen)
    expect(await deleteForever.mutate({ fileId: shared.id })).toEqual({ fileId: shared.id })
  })

  test('is refused by the function itself, whatever the use case would have let through', async ({ world }) => {
    const { company, keep, trashed } = await bin(world)
    const { id: living } = await keep()
    const { id: secret } = await trashed({ accessLevel: 'private' })
    const { id: hers } = await trashed({}, company.admin)
    const { worker, close } = databasesOf(world.stack)
    onTestFinished(close)
    const gone = (person: Person, fileId: string) =>
      worker.vouched(claimsOf(person), { id: 'test', ip: '', agent: '' })((tx) => deleteFile(tx, fileId))
    expect(await gone(company.member, living)).toBe(false)
    expect(await gone(company.member, hers)).toBe(false)
    expect(await gone(company.admin, secret)).toBe(false)
    expect(await gone(company.viewer, hers)).toBe(false)
    expect(await gone(company.admin, hers)).toBe(true)
  })

  test('leaves a record in the name of who did it', async ({ world }) => {
    const { company, trashed } = await bin(world)
    const { id: fileId } = await trashed()
    await company.admin.api.files.deleteForever.mutate({ fileId })
    const { rows } = await world.stack.owner.query(
      `select actor, user_id from audit_logs where resource_id = $1 and action = 'delete'`,
      [fileId],
    )
    expect(rows).toEqual([{ actor: 'user', user_id: company.admin.userId }])
  })
})

describe('emptying the trash', () => {
  test('deletes what is in it, but for other people’s private files and what is in use', async ({ world }) => {
    const { company, studioId, keep, trashed, used } = await bin(world)
    const { admin, member, id: companyId } = company
    const { id: folderId } = await member.api.folders.create.mutate({ studioId, name: 'Gone' })
    await keep({ folderId })
    await member.api.folders.trash.mutate({ folderId })
    const kept = [await keep(), await trashed({ accessLevel: 'private' })].map(({ id }) => id)
    await trashed()
    await trashed({ accessLevel: 'private' }, admin)
    expect(await admin.api.files.emptyTrash.mutate({ companyId })).toEqual({ deletedFiles: 3, isEmpty: true })
    const { rows } = await world.stack.owner.query('select id from files where company_id = $1', [companyId])
    expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(kept))
    expect(await refusal(member.api.folders.byId.query({ folderId }))).toMatchObject(unseen)
    expect(await used()).toBe(16)
    expect(await admin.api.files.emptyTrash.mutate({ companyId })).toEqual({ deletedFiles: 0, isEmpty: true })
  })

  test('of one studio leaves the others', async ({ world }) => {
    const { company, trashed, studioId } = await bin(world)
    const { id: elsewhere } = await world.studio(company.admin, company.id)
    await trashed()
    const { id: fileId } = await trashed({ studioId: elsewhere })
    const { emptyTrash, byId } = company.admin.api.files
    expect(await emptyTrash.mutate({ companyId: company.id, studioId })).toEqual({ deletedFiles: 1, isEmpty: true })
    expect(await byId.query({ fileId })).toMatchObject({ studioId: elsewhere })
  })

  test('is for admins of the company only', async ({ world }) => {
    const [{ company }, other] = await Promise.all([bin(world), world.company()])
    const companyId = company.id
    expect(await refusal(company.member.api.files.emptyTrash.mutate({ companyId }))).toMatchObject(needsRole('admin'))
    expect(await refusal(other.admin.api.files.emptyTrash.mutate({ companyId }))).toMatchObject(unseen)
  })
})
