import { describe, expect } from 'vitest'
import { keepFile } from '../support/files.ts'
import { test, unique, type World } from '../support/world.ts'
import { allPages } from './lists.ts'
import { faultyPaths, needsRole, refusal, unseen } from './refusal.ts'

async function shelf(world: World) {
  const company = await world.company()
  const { id: studioId } = await world.studio(company.admin, company.id)
  const keep = (fields: Partial<Parameters<typeof keepFile>[2]> = {}, person = company.member) =>
    keepFile(world.stack, person, { studioId, ...fields })
  type Filter = Omit<Parameters<typeof company.member.api.files.list.query>[0], 'companyId'>
  const names = async (filter: Filter, person = company.member) => {
    const { items } = await person.api.files.list.query({ companyId: company.id, ...filter })
    return items.map(({ filename }) => filename)
  }
  return { company, studioId, keep, names }
}

describe('the list of files', () => {
  test('has the newest first and goes through all pages, each file exactly once', async ({ world }) => {
    const { company, keep } = await shelf(world)
    for (const place of [1, 2, 3, 4, 5]) await keep({ filename: `${place}.csv` })
    const list = company.viewer.api.files.list
    const all = await allPages((cursor) => list.query({ companyId: company.id, limit: 2, ...cursor }))
    expect(all.map(({ filename }) => filename)).toEqual(['5.csv', '4.csv', '3.csv', '2.csv', '1.csv'])
    const { metadata: _, ...one } = await company.viewer.api.files.byId.query({ fileId: all[0]?.id ?? '' })
    expect(all[0]).toEqual(one)
  })

  test('of another company is not there, and a stranger’s studio or folder is empty', async ({ world }) => {
    const [ours, other] = await Promise.all([shelf(world), world.company()])
    const { id: folderId } = await ours.company.member.api.folders.create.mutate({
      studioId: ours.studioId,
      name: 'In',
    })
    await ours.keep({ filename: 'secret.csv', tags: ['secret'], folderId })
    const list = other.admin.api.files.list
    expect(await refusal(list.query({ companyId: ours.company.id, search: 'secret' }))).toMatchObject(unseen)
    const theirs = { companyId: other.id }
    for (const filter of [
      { studioId: ours.studioId },
      { folderId },
      { folderId, inSubfolders: true },
      { tags: 'secret' },
    ])
      expect((await list.query({ ...theirs, ...filter })).items).toEqual([])
  })

  test('leaves out what is not the reader’s to see, however it is looked for', async ({ world }) => {
    const { company, keep, names } = await shelf(world)
    const { id: closed } = await world.studio(company.admin, company.id, { access: 'restricted' })
    await keep({ filename: 'find private.csv', accessLevel: 'private', tags: ['find'] }, company.admin)
    await keep({ filename: 'find closed.csv', studioId: closed, tags: ['find'] }, company.admin)
    await keep(
      { filename: 'find company.csv', studioId: closed, accessLevel: 'company', tags: ['find'] },
      company.admin,
    )
    for (const filter of [{}, { search: 'find' }, { tags: 'find' }, { studioId: closed }]) {
      expect(await names(filter)).toEqual(['find company.csv'])
      expect(await names(filter, company.viewer)).toEqual(['find company.csv'])
    }
    expect(await names({ search: 'find' }, company.admin)).toHaveLength(3)
  })

  test('leaves out uploads that are not ready', async ({ world }) => {
    const { company, keep, names } = await shelf(world)
    const { id } = await keep()
    await world.stack.owner.query(`update files set status = 'uploading' where id = $1`, [id])
    expect(await names({})).toEqual([])
    expect(await names({ search: 'notes' }, company.admin)).toEqual([])
  })

  test.for([
    ['Übersicht größe.pdf', 'ÜBERSICHT GRÖ'],
    ['Отчёт за май.csv', 'отчЁТ'],
    ['東京タワー.png', '京タ'],
    ['Report 100%_final.csv', '0%_F'],
    ['back\u2216slash.csv', '\u2216'],
    ['😀 faces.txt', '😀'],
  ])('finds %j by %j', async ([filename = '', search = ''], { world }) => {
    const { keep, names } = await shelf(world)
    await keep({ filename })
    await keep({ filename: 'Report 1000 final.csv' })
    expect(await names({ search })).toEqual([filename])
  })

  test('takes % and _ in a search as they are', async ({ world }) => {
    const { keep, names } = await shelf(world)
    await keep({ filename: 'plain.csv' })
    for (const search of ['%', '_', 'p%n', 'pl_in', 'plain%']) expect(await names({ search })).toEqual([])
  })

  test('goes by folder, with and without what lies below, and by what lies in none', async ({ world }) => {
    const { company, studioId, keep, names } = await shelf(world)
    const { folders } = company.member.api
    const outer = await folders.create.mutate({ studioId, name: 'Outer' })
    const inner = await folders.create.mutate({ studioId, name: 'Inner', parentId: outer.id })
    await keep({ filename: 'top.csv' })
    await keep({ filename: 'outer.csv', folderId: outer.id })
    await keep({ filename: 'inner.csv', folderId: inner.id })
    expect(await names({ folderId: outer.id })).toEqual(['outer.csv'])
    expect(await names({ folderId: outer.id, inSubfolders: true })).toEqual(['inner.csv', 'outer.csv'])
    expect(await names({ folderId: inner.id, inSubfolders: true, search: 'csv' })).toEqual(['inner.csv'])
    expect(await names({ folderId: 'top' })).toEqual(['top.csv'])
    expect(await names({ folderId: 'top', inSubfolders: true, studioId })).toHaveLength(3)
  })

  test('is narrowed by kind, type, tags, uploader, time and access, all at once', async ({ world }) => {
    const { company, keep, names } = await shelf(world)
    const image = { mimeType: 'image/png', tags: ['a', 'b'], accessLevel: 'company' as const }
    const { id } = await keep({ filename: 'wanted.png', ...image })
    await keep({ filename: 'hers.png', ...image }, company.admin)
    await keep({ filename: 'table.csv', tags: ['a'] })
    const one = ['wanted.png']
    expect(await names({ kind: 'image', uploadedBy: company.member.userId })).toEqual(one)
    expect(await names({ kind: 'table' })).toEqual(['table.csv'])
    expect(await names({ mimeType: 'image/png' })).toEqual(['hers.png', 'wanted.png'])
    expect(await names({ mimeType: 'image/gif' })).toEqual([])
    expect(await names({ tags: 'a' })).toHaveLength(3)
    expect(await names({ tags: ' b ,a' })).toEqual(['hers.png', 'wanted.png'])
    expect(await names({ tags: 'a,b,c' })).toEqual([])
    expect(await names({ accessLevel: 'studio' })).toEqual(['table.csv'])
    await world.stack.owner.query(`update files set upload_timestamp = '2020-05-05T12:00Z' where id = $1`, [id])
    const [from, to] = ['2020-05-05T12:00:00.000Z', '2020-05-05T12:00:00.001Z']
    expect(await names({ uploadedFrom: from, uploadedBefore: to })).toEqual(one)
    expect(await names({ uploadedBefore: from })).toEqual([])
    expect(await names({ uploadedFrom: to })).toHaveLength(2)
    const { userId: uploadedBy } = company.member
    const all = {
      kind: 'image',
      tags: 'a',
      uploadedBy,
      uploadedBefore: to,
      accessLevel: 'company',
      search: 'WANT',
    } as const
    expect(await names(all)).toEqual(one)
  })

  test('names every fault of a filter with its place', async ({ world }) => {
    const { company } = await shelf(world)
    const faults = { kind: 'space', mimeType: 'text/html', folderId: 'x', search: '', tags: ',', uploadedFrom: 'now' }
    // @ts-expect-error neither kind nor type is one of the list
    const list = company.member.api.files.list.query({ companyId: company.id, ...faults })
    const paths = ['folderId', 'kind', 'mimeType', 'search', 'tags.0', 'tags.1', 'uploadedFrom']
    expect(await faultyPaths(list)).toEqual(paths)
    const cursor = company.member.api.files.list.query({ companyId: company.id, cursor: 'x' })
    expect(await faultyPaths(cursor)).toEqual(['cursor'])
  })

  test('finds a name among very many, whether few or most of them have it', async ({ world }) => {
    const { company, studioId, names } = await shelf(world)
    await world.stack.owner.query(
      `insert into files (company_id, studio_id, uploaded_by, filename, file_size, mime_type, supabase_path, checksum, status,
         tags, upload_timestamp)
       select $1, $2, $3, case n when 700 then 'Needle' else 'Straw ' || n end, 1, 'text/csv', $4 || n, repeat('a', 64), 'ready',
         array['many'], now() - n * interval '1 minute' from generate_series(1, 1400) n`,
      [company.id, studioId, company.member.userId, `${company.id}/${unique()}`],
    )
    expect(await names({ search: 'needle', tags: 'many' })).toEqual(['Needle'])
    expect(await names({ search: 'straw', tags: 'many', limit: 2 })).toEqual(['Straw 1', 'Straw 2'])
    const list = company.member.api.files.list
    const filter = { companyId: company.id, search: 'STRAW', limit: 100 }
    const all = await allPages((cursor) => list.query({ ...filter, ...cursor }))
    expect(new Set(all.map(({ id }) => id)).size).toBe(1399)
  })
})

describe('other people’s private files', () => {
  test('show an admin name and size, owner and studio, and nothing else', async ({ world }) => {
    const { company, studioId, keep } = await shelf(world)
    const { admin, member } = company
    const content = 'for myself'
    const { id } = await keep({ filename: 'diary.csv', accessLevel: 'private', content })
    await keep({ accessLevel: 'private' }, admin)
    await keep()
    const { items } = await admin.api.files.privateOfOthers.query({ companyId: company.id })
    const told = { id, filename: 'diary.csv', fileSize: content.length, uploadedBy: member.userId, studioId }
    expect(items).toEqual([told])
    expect(await refusal(admin.api.files.byId.query({ fileId: id }))).toMatchObject(unseen)
  })

  test('go through all pages; only admins of the company are told', async ({ world }) => {
    const { company, keep } = await shelf(world)
    const made = []
    for (const _ of [1, 2, 3]) made.push(await keep({ accessLevel: 'private' }))
    const companyId = company.id
    const ask = company.admin.api.files.privateOfOthers
    const all = await allPages((cursor) => ask.query({ companyId, limit: 2, ...cursor }))
    expect(new Set(all.map(({ id }) => id))).toEqual(new Set(made.map(({ id }) => id)))
    const { privateOfOthers } = company.member.api.files
    expect(await refusal(privateOfOthers.query({ companyId }))).toMatchObject(needsRole('admin'))
    const other = await world.company()
    expect(await refusal(other.admin.api.files.privateOfOthers.query({ companyId }))).toMatchObject(unseen)
    expect(await faultyPaths(ask.query({ companyId, cursor: 'x' }))).toEqual(['cursor'])
  })
})
