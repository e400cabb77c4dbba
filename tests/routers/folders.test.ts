import { describe, expect } from 'vitest'
import { keepFile } from '../support/files.ts'
import { test, unique, type World } from '../support/world.ts'
import { allPages } from './lists.ts'
import { alreadyThere, faultyPaths, needsRole, notNow, refusal, unseen } from './refusal.ts'

async function drawer(world: World) {
  const company = await world.company()
  const { id: studioId } = await world.studio(company.admin, company.id)
  const { folders } = company.member.api
  const make = (name: string, parentId?: string) =>
    folders.create.mutate({ studioId, name, ...(parentId && { parentId }) })
  const namesIn = async (parentId?: string) => {
    const { items } = await folders.list.query({ studioId, ...(parentId && { parentId }) })
    return items.map(({ name }) => name)
  }
  return { company, studioId, folders, make, namesIn }
}

describe('folders', () => {
  test('are made, found by name in their place, and know the way to themselves', async ({ world }) => {
    const { company, studioId, folders, make, namesIn } = await drawer(world)
    const [top, second] = [await make('Übersicht'), await make('Angebote')]
    const inner = await make('2024 / Q1'.replace('/', '–'), top.id)
    expect(top).toMatchObject({ studioId, companyId: company.id, parentId: null, createdBy: company.member.userId })
    expect(await namesIn()).toEqual([second.name, top.name])
    expect(await namesIn(top.id)).toEqual([inner.name])
    const path = [top, inner].map(({ id, name }) => ({ id, name }))
    expect(await company.viewer.api.folders.byId.query({ folderId: inner.id })).toEqual({ ...inner, path })
    expect(await folders.rename.mutate({ folderId: inner.id, name: '東京' })).toMatchObject({ name: '東京' })
    expect(await folders.move.mutate({ folderId: inner.id, parentId: null })).toMatchObject({ parentId: null })
    expect(await namesIn(top.id)).toEqual([])
  })

  test('go through all pages, each exactly once', async ({ world }) => {
    const { studioId, folders, make } = await drawer(world)
    const names = ['b', 'C', 'a', 'Ä', 'd']
    for (const name of names) await make(name)
    const all = await allPages((cursor) => folders.list.query({ studioId, limit: 2, ...cursor }))
    expect(all.map(({ name }) => name)).toEqual(['a', 'b', 'C', 'd', 'Ä'])
    expect(await faultyPaths(folders.list.query({ studioId, cursor: 'none' }))).toEqual(['cursor'])
  })

  test('of another company are not there', async ({ world }) => {
    const [{ make, studioId }, other] = await Promise.all([drawer(world), world.company()])
    const { id: folderId } = await make('Ours')
    const { folders } = other.admin.api
    expect(await refusal(folders.create.mutate({ studioId, name: 'Theirs' }))).toMatchObject(unseen)
    expect(await refusal(folders.list.query({ studioId }))).toMatchObject(unseen)
    expect(await refusal(folders.byId.query({ folderId }))).toMatchObject(unseen)
    expect(await refusal(folders.rename.mutate({ folderId, name: 'Theirs' }))).toMatchObject(unseen)
    expect(await refusal(folders.move.mutate({ folderId, parentId: null }))).toMatchObject(unseen)
    expect(await refusal(folders.trash.mutate({ folderId }))).toMatchObject(unseen)
    expect(await refusal(folders.restore.mutate({ folderId }))).toMatchObject(unseen)
    const { id: theirs } = await world.studio(other.admin, other.id)
    const below = folders.create.mutate({ studioId: theirs, parentId: folderId, name: 'Below' })
    expect(await refusal(below)).toMatchObject(unseen)
  })

  test('of a restricted studio are hidden from members who are not named', async ({ world }) => {
    const company = await world.company()
    const { id: studioId } = await world.studio(company.admin, company.id, { access: 'restricted' })
    const { id: folderId } = await company.admin.api.folders.create.mutate({ studioId, name: 'Closed' })
    const { folders } = company.member.api
    expect(await refusal(folders.list.query({ studioId }))).toMatchObject(unseen)
    expect(await refusal(folders.trash.mutate({ folderId }))).toMatchObject(unseen)
  })

  test('are changed by members, not by viewers', async ({ world }) => {
    const { company, studioId, make } = await drawer(world)
    const { id: folderId } = await make('Contracts')
    const { folders } = company.viewer.api
    const needed = needsRole('member')
    expect(await refusal(folders.create.mutate({ studioId, name: 'Mine' }))).toMatchObject(needed)
    expect(await refusal(folders.rename.mutate({ folderId, name: 'Mine' }))).toMatchObject(needed)
    expect(await refusal(folders.move.mutate({ folderId, parentId: null }))).toMatchObject(needed)
    expect(await refusal(folders.trash.mutate({ folderId }))).toMatchObject(needed)
    expect(await refusal(folders.restore.mutate({ folderId }))).toMatchObject(needed)
  })

  test.for(['', '..', 'a/b', 'a\\b', 'a\u0000b', 'x'.repeat(256)])('are not named %j', async (name, { world }) => {
    const { studioId, folders } = await drawer(world)
    expect(await faultyPaths(folders.create.mutate({ studioId, name }))).toEqual(['name'])
  })

  test('have names of their own beside each other, in any case, and any name elsewhere', async ({ world }) => {
    const { folders, make } = await drawer(world)
    const [first, second] = [await make('Straße'), await make('Other')]
    expect(await refusal(make('STRAßE'))).toMatchObject(alreadyThere)
    const inner = await make('straße', second.id)
    expect(await refusal(folders.rename.mutate({ folderId: second.id, name: 'STRAßE' }))).toMatchObject(alreadyThere)
    expect(await refusal(folders.move.mutate({ folderId: inner.id, parentId: null }))).toMatchObject(alreadyThere)
    await folders.trash.mutate({ folderId: first.id })
    expect(await folders.move.mutate({ folderId: inner.id, parentId: null })).toMatchObject({ parentId: null })
  })

  test('of the same name made at the same moment: just one comes to be', async ({ world }) => {
    const { make, namesIn } = await drawer(world)
    const made = await Promise.allSettled(Array.from({ length: 6 }, () => make('Same')))
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await namesIn()).toEqual(['Same'])
  })

  test('are not made in an archived studio, in another studio’s folder or in one in the trash', async ({ world }) => {
    const { company, studioId, folders, make } = await drawer(world)
    const { id: elsewhere } = await world.studio(company.admin, company.id)
    const [foreign, gone] = [await folders.create.mutate({ studioId: elsewhere, name: 'There' }), await make('Gone')]
    await folders.trash.mutate({ folderId: gone.id })
    expect(await refusal(make('New', foreign.id))).toMatchObject(unseen)
    expect(await refusal(make('New', gone.id))).toMatchObject(notNow)
    const kept = await make('Kept')
    expect(await refusal(folders.move.mutate({ folderId: kept.id, parentId: foreign.id }))).toMatchObject(unseen)
    expect(await refusal(folders.move.mutate({ folderId: kept.id, parentId: gone.id }))).toMatchObject(notNow)
    await company.admin.api.studios.archive.mutate({ studioId })
    expect(await refusal(make('New'))).toMatchObject(notNow)
  })
})

describe('the tree of folders', () => {
  test('has at most twenty levels, wherever a branch is put', async ({ world }) => {
    const { folders, make } = await drawer(world)
    let above: string | undefined
    for (let level = 1; level <= 20; level += 1) above = (await make(`Level ${level}`, above)).id
    const tooDeep = { ...notNow, message: expect.stringContaining('20 levels') }
    expect(await refusal(make('Level 21', above))).toMatchObject(tooDeep)
    const branch = await make('Branch')
    await make('Leaf', branch.id)
    const { path } = await folders.byId.query({ folderId: above ?? '' })
    const nineteenth = path[18]?.id ?? ''
    expect(await refusal(folders.move.mutate({ folderId: branch.id, parentId: nineteenth }))).toMatchObject(tooDeep)
    const eighteenth = path[17]?.id ?? ''
    expect(await folders.move.mutate({ folderId: branch.id, parentId: eighteenth })).toMatchObject({
      parentId: eighteenth,
    })
  })

  test('closes no circle: not into itself, not into what it holds', async ({ world }) => {
    const { folders, make } = await drawer(world)
    const top = await make('Top')
    const inner = await make('Inner', (await make('Middle', top.id)).id)
    const circle = { ...notNow, message: expect.stringContaining('into itself') }
    for (const parentId of [top.id, inner.id])
      expect(await refusal(folders.move.mutate({ folderId: top.id, parentId }))).toMatchObject(circle)
  })

  test('closes no circle when two folders are moved into each other at the same moment', async ({ world }) => {
    const { company, folders, make } = await drawer(world)
    for (let turn = 0; turn < 15; turn += 1) {
      const [a, b] = [await make(`A ${unique()}`), await make(`B ${unique()}`)]
      const moves = await Promise.allSettled([
        folders.move.mutate({ folderId: a.id, parentId: b.id }),
        company.admin.api.folders.move.mutate({ folderId: b.id, parentId: a.id }),
      ])
      expect(moves.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    }
  })

  test('is changed by one row: renaming and moving touch nothing that lies below', async ({ world }) => {
    const { company, studioId, folders, make } = await drawer(world)
    const [top, target] = [await make('Top'), await make('Target')]
    const inner = await make('Inner', top.id)
    for (const folderId of [top.id, inner.id]) await keepFile(world.stack, company.member, { studioId, folderId })
    const rows = async () => {
      const { rows: found } = await world.stack.owner.query<{ id: string; xmin: string }>(
        `select id, xmin::text from folders where studio_id = $1 union all select id, xmin::text from files where studio_id = $1
         union all select v.id, v.xmin::text from file_versions v join files f on f.id = v.file_id where f.studio_id = $1
         union all select o.id, o.xmin::text from storage.objects o where o.name like $2 || '/%'`,
        [studioId, company.id],
      )
      return new Map(found.map(({ id, xmin }) => [id, xmin]))
    }
    for (const change of [
      () => folders.rename.mutate({ folderId: top.id, name: 'Renamed' }),
      () => folders.move.mutate({ folderId: top.id, parentId: target.id }),
    ]) {
      const before = await rows()
      await change()
      const touched = [...(await rows())].filter(([id, xmin]) => before.get(id) !== xmin).map(([id]) => id)
      expect(touched).toEqual([top.id])
      expect(before.size).toBe(9)
    }
  })

  test('records who changed it and how', async ({ world }) => {
    const { company, folders, make } = await drawer(world)
    const { id: folderId } = await make('Before')
    await folders.rename.mutate({ folderId, name: 'After' })
    const { rows } = await world.stack.owner.query(
      `select action, user_id, changes -> 'name' as name from audit_logs where resource_id = $1 order by created_at`,
      [folderId],
    )
    const user_id = company.member.userId
    expect(rows).toEqual([
      { action: 'insert', user_id, name: 'Before' },
      { action: 'update', user_id, name: { before: 'Before', after: 'After' } },
    ])
  })
})
