import { describe, expect } from 'vitest'
import { keepFile } from '../support/files.ts'
import { ownerOf } from '../support/resting.ts'
import { join, test, type World } from '../support/world.ts'
import { alreadyThere, notNow, refusal } from './refusal.ts'

/** A folder with one below, a file of the member's in each, and a private one of somebody else's in the inner one. */
async function filled(world: World) {
  const company = await world.company()
  const other = await world.signUp('Other Member')
  await join(company.admin, other, company, 'member')
  const { id: studioId } = await world.studio(company.admin, company.id)
  const { folders } = company.member.api
  const outer = await folders.create.mutate({ studioId, name: 'Outer' })
  const inner = await folders.create.mutate({ studioId, name: 'Inner', parentId: outer.id })
  const keep = (person: typeof other, folderId: string, accessLevel: 'studio' | 'private' = 'studio') =>
    keepFile(world.stack, person, { studioId, folderId, accessLevel })
  const files = [
    await keep(company.member, outer.id),
    await keep(company.member, inner.id),
    await keep(other, inner.id, 'private'),
  ].map(({ id }) => id)
  const state = async () => {
    const { rows } = await world.stack.owner.query(
      `select id, parent_id as place, name, deleted_at is not null as trashed, deleted_with from folders where studio_id = $1
       union all
       select id, folder_id, filename, deleted_at is not null, deleted_with from files where studio_id = $1 order by id`,
      [studioId],
    )
    return rows
  }
  return { company, other, studioId, folders, outer, inner, files, state }
}

describe('a folder in the trash', () => {
  test('takes along what is in it, other people’s private files too, and brings just that back', async ({ world }) => {
    const { company, other, folders, outer, inner, files, state } = await filled(world)
    const [, second = '', hers = ''] = files
    await company.member.api.files.trash.mutate({ fileId: second })
    const before = await state()
    await folders.trash.mutate({ folderId: outer.id })
    const gone = new Map(
      (await state()).map(({ id, trashed, deleted_with }) => [id, trashed && (deleted_with ?? 'itself')]),
    )
    const went = [outer.id, inner.id, ...files].map((id) => gone.get(id))
    expect(went).toEqual(['itself', outer.id, outer.id, 'itself', outer.id])
    expect(await other.api.files.byId.query({ fileId: hers })).toMatchObject({ deletedAt: expect.any(String) })
    await folders.restore.mutate({ folderId: outer.id })
    expect(await state()).toEqual(before)
  })

  test('is listed once, without what went along, and out of its place', async ({ world }) => {
    const { company, studioId, folders, outer, files } = await filled(world)
    await folders.trash.mutate({ folderId: outer.id })
    const trash = await folders.list.query({ studioId, trash: true })
    expect(trash.items.map(({ id }) => id)).toEqual([outer.id])
    expect((await folders.list.query({ studioId })).items).toEqual([])
    const { items } = await company.member.api.files.list.query({ companyId: company.id, trash: true })
    expect(new Set(items.map(({ id }) => id))).toEqual(new Set(files.slice(0, 2)))
  })

  test('is put there and taken out once, and not changed meanwhile', async ({ world }) => {
    const { folders, outer } = await filled(world)
    const folderId = outer.id
    expect(await refusal(folders.restore.mutate({ folderId }))).toMatchObject(notNow)
    await folders.trash.mutate({ folderId })
    expect(await refusal(folders.trash.mutate({ folderId }))).toMatchObject(notNow)
    expect(await refusal(folders.rename.mutate({ folderId, name: 'New' }))).toMatchObject(notNow)
    expect(await refusal(folders.move.mutate({ folderId, parentId: null }))).toMatchObject(notNow)
    await folders.restore.mutate({ folderId })
    expect(await refusal(folders.restore.mutate({ folderId }))).toMatchObject(notNow)
  })

  test('goes to the top when the folder above is in the trash, with what went along below it', async ({ world }) => {
    const { folders, outer, inner, files, state } = await filled(world)
    await folders.trash.mutate({ folderId: outer.id })
    expect(await folders.restore.mutate({ folderId: inner.id })).toMatchObject({ parentId: null, deletedAt: null })
    const back = new Map((await state()).map(({ id, trashed }) => [id, !trashed]))
    expect([outer.id, inner.id, ...files].map((id) => back.get(id))).toEqual([false, true, false, true, true])
    await folders.restore.mutate({ folderId: outer.id })
    expect((await state()).filter(({ trashed }) => trashed)).toEqual([])
  })

  test('stays there when its name is in use by now, and says what to do', async ({ world }) => {
    const { studioId, folders, outer } = await filled(world)
    await folders.trash.mutate({ folderId: outer.id })
    const newcomer = await folders.create.mutate({ studioId, name: 'OUTER' })
    const told = await refusal(folders.restore.mutate({ folderId: outer.id }))
    expect(told).toMatchObject({ ...alreadyThere, message: expect.stringContaining('rename or move that one') })
    await folders.rename.mutate({ folderId: newcomer.id, name: 'Newcomer' })
    expect(await folders.restore.mutate({ folderId: outer.id })).toMatchObject({ deletedAt: null })
  })

  test('keeps the fall of its batch apart from what was in the trash before', async ({ world }) => {
    const { folders, outer, inner, state } = await filled(world)
    await folders.trash.mutate({ folderId: inner.id })
    await folders.trash.mutate({ folderId: outer.id })
    await folders.restore.mutate({ folderId: outer.id })
    const trashed = (await state()).filter((row) => row.trashed).map(({ id }) => id)
    expect(trashed).toContain(inner.id)
    expect(trashed).toHaveLength(3)
    expect(await folders.restore.mutate({ folderId: inner.id })).toMatchObject({ parentId: outer.id })
  })

  test('takes no file in, and gives one that is restored alone to the top of the studio', async ({ world }) => {
    const { company, studioId, folders, outer, files } = await filled(world)
    const { files: api } = company.member.api
    const { id: loose } = await keepFile(world.stack, company.member, { studioId })
    await folders.trash.mutate({ folderId: outer.id })
    expect(await refusal(api.move.mutate({ fileId: loose, folderId: outer.id }))).toMatchObject(notNow)
    const restored = await api.restore.mutate({ fileId: files[0] ?? '' })
    expect(restored).toMatchObject({ folderId: null, deletedAt: null })
    await expect(keepFile(world.stack, company.member, { studioId, folderId: outer.id })).rejects.toThrow(
      'in the trash',
    )
  })

  test('is too much for one go with more than 20,000 files, and says what to do', async ({ world }) => {
    const { company, studioId, folders, outer } = await filled(world)
    const client = await ownerOf(world)
    await client.query('set session_replication_role = replica')
    await client.query(
      `insert into files (company_id, studio_id, folder_id, uploaded_by, filename, file_size, mime_type, supabase_path, checksum, status)
       select $1, $2, $3, $4, n || '.csv', 1, 'text/csv', $5 || n, repeat('a', 64), 'ready' from generate_series(1, 20000) n`,
      [company.id, studioId, outer.id, company.member.userId, `${company.id}/${outer.id}`],
    )
    const told = { ...notNow, message: expect.stringContaining('one by one') }
    expect(await refusal(folders.trash.mutate({ folderId: outer.id }))).toMatchObject(told)
  })

  test('holds whatever is put into it at the same moment, or that is refused', async ({ world }) => {
    const { company, studioId, folders, state } = await filled(world)
    const { files: api } = company.admin.api
    for (let turn = 0; turn < 10; turn += 1) {
      const { id: folderId } = await folders.create.mutate({ studioId, name: `Turn ${turn}` })
      const { id: fileId } = await keepFile(world.stack, company.member, { studioId })
      await Promise.allSettled([folders.trash.mutate({ folderId }), api.move.mutate({ fileId, folderId })])
    }
    const rows = await state()
    const trashed = new Map(rows.map((row) => [row.id, row.trashed]))
    for (const row of rows.filter(({ place }) => place)) expect(row.trashed).toBe(trashed.get(row.place))
  })
})
