import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sorted } from '../support/answers.ts'
import { Stack } from '../support/stack.ts'
import { call, faultOf, someBucket } from './support/storage.ts'

describe('lists', () => {
  let stack: Stack
  let bucket: string
  const names = ['b.txt', 'a.txt', 'c.txt', 'Docs/2025/x.txt', 'Docs/y.txt', 'docs2/z.txt', '10_sure/q.txt']

  beforeAll(async () => {
    stack = await Stack.start()
    bucket = await someBucket(stack)
    for (const name of names) expect((await files().upload(name, name)).error).toBeNull()
  })

  afterAll(() => stack.stop())

  const files = () => stack.admin().storage.from(bucket)
  const namesOf = (rows: { name: string }[] | null | undefined) => rows?.map((row) => row.name)

  test('show what lies directly in a folder: objects with their data, folders without', async () => {
    const { data } = await files().list()
    expect(namesOf(data)).toEqual(['10_sure', 'Docs', 'a.txt', 'b.txt', 'c.txt', 'docs2'])
    expect(data?.[1]).toEqual({
      name: 'Docs',
      id: null,
      updated_at: null,
      created_at: null,
      last_accessed_at: null,
      metadata: null,
    })
    expect(data?.[2]).toEqual({
      name: 'a.txt',
      id: expect.any(String),
      updated_at: expect.any(String),
      created_at: expect.any(String),
      last_accessed_at: expect.any(String),
      metadata: expect.objectContaining({ size: 5, mimetype: 'text/plain;charset=UTF-8' }),
    })
    expect(namesOf((await files().list('Docs')).data)).toEqual(['2025', 'y.txt'])
    expect(namesOf((await files().list('docs/')).data)).toEqual(['2025', 'y.txt'])
    expect(namesOf((await files().list('Docs/2025')).data)).toEqual(['x.txt'])
    expect((await files().list('nothing here')).data).toEqual([])
  })

  test('are cut by limit and offset', async () => {
    expect(namesOf((await files().list('', { limit: 2 })).data)).toEqual(['10_sure', 'Docs'])
    expect(namesOf((await files().list('', { limit: 2, offset: 3 })).data)).toEqual(['b.txt', 'c.txt'])
    expect((await files().list('', { offset: 100 })).data).toEqual([])
  })

  test('are sorted as asked', async () => {
    const sorted = async (column: string, order: string) =>
      namesOf((await files().list('', { sortBy: { column, order } })).data)
    expect(await sorted('name', 'desc')).toEqual(['docs2', 'c.txt', 'b.txt', 'a.txt', 'Docs', '10_sure'])
    expect(await sorted('created_at', 'asc')).toEqual(['10_sure', 'Docs', 'docs2', 'b.txt', 'a.txt', 'c.txt'])
    expect(await sorted('updated_at', 'desc')).toEqual(['10_sure', 'Docs', 'docs2', 'c.txt', 'a.txt', 'b.txt'])
  })

  test('are searched by how names begin, taken literally', async () => {
    const search = async (prefix: string, text: string) => namesOf((await files().list(prefix, { search: text })).data)
    expect(await search('', 'DOC')).toEqual(['Docs', 'docs2'])
    expect(await search('Docs', 'y')).toEqual(['y.txt'])
    expect(await search('', 'Docs/2')).toEqual(['Docs/2025'])
    expect(await search('', '10_')).toEqual(['10_sure'])
    expect(await search('', '%')).toEqual([])
    expect(await search('', '_')).toEqual([])
  })

  test.each([
    { limit: 0 },
    { limit: 'all' },
    { offset: -1 },
    { sortBy: { column: 'owner; drop table x' } },
    { sortBy: { column: 'name', order: 'sideways' } },
    { prefix: 'nul\0' },
  ])('refuse %j', async (body) => {
    const init = { method: 'POST', body: JSON.stringify(body) }
    const found = await faultOf(await call(stack, `/object/list/${bucket}`, init))
    expect(found).toMatchObject({ status: 400, statusCode: '400', code: 'InvalidRequest' })
  })

  test('of the second kind give full names, and folders when asked', async () => {
    const { data: all } = await files().listV2()
    expect(namesOf(all?.objects)).toEqual(sorted(names))
    expect(all).toMatchObject({ hasNext: false, folders: [] })
    expect(all).not.toHaveProperty('nextCursor')
    const { data } = await files().listV2({ prefix: 'Docs/', with_delimiter: true })
    expect(data).toEqual({
      hasNext: false,
      folders: [{ key: '2025', name: 'Docs/2025/' }],
      objects: [
        {
          key: 'y.txt',
          name: 'Docs/y.txt',
          id: expect.any(String),
          updated_at: expect.any(String),
          created_at: expect.any(String),
          last_accessed_at: expect.any(String),
          metadata: expect.objectContaining({ size: 10 }),
        },
      ],
    })
  })

  const sortings = [
    undefined,
    { column: 'name', order: 'desc' },
    { column: 'created_at', order: 'asc' },
    { column: 'updated_at', order: 'desc' },
  ] as const

  test.each(sortings)('of the second kind are read to their end by cursor, sorted by %j', async (sortBy) => {
    const options = { with_delimiter: true, ...(sortBy ? { sortBy } : {}) }
    const { data: whole } = await files().listV2(options)
    const read: string[] = []
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const { data } = await files().listV2({ ...options, limit: 2, ...(cursor ? { cursor } : {}) })
      const found = [...(data?.folders ?? []), ...(data?.objects ?? [])]
      expect(found.length).toBeLessThanOrEqual(2)
      read.push(...found.map((entry) => entry.name))
      cursor = data?.nextCursor
    }
    expect(read).toHaveLength(6)
    expect(sorted(read)).toEqual(sorted([...(namesOf(whole?.folders) ?? []), ...(namesOf(whole?.objects) ?? [])]))
  })

  test('of the second kind refuse a cursor that is none', async () => {
    const init = { method: 'POST', body: JSON.stringify({ cursor: 'nonsense' }) }
    const found = await faultOf(await call(stack, `/object/list-v2/${bucket}`, init))
    expect(found).toMatchObject({ statusCode: '400', code: 'InvalidRequest' })
  })
})
