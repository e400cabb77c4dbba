import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Person, Stack } from '../support/stack.ts'
import { call, faultIn, faultOf, filesOf, someBucket } from './support/storage.ts'

describe('buckets', () => {
  let stack: Stack
  let ana: Person

  beforeAll(async () => {
    stack = await Stack.start()
    ana = await stack.person()
  })

  afterAll(() => stack.stop())

  test('are created, read, listed, changed, emptied and deleted', async () => {
    const { storage } = stack.admin()
    const rules = { public: true, fileSizeLimit: '20mb', allowedMimeTypes: ['image/*', 'text/csv'] }
    expect(await storage.createBucket('invoices', rules)).toEqual({ data: { name: 'invoices' }, error: null })
    const { data: made } = await storage.getBucket('invoices')
    expect(made).toEqual({
      id: 'invoices',
      name: 'invoices',
      owner: '',
      type: 'STANDARD',
      public: true,
      file_size_limit: 20_000_000,
      allowed_mime_types: ['image/*', 'text/csv'],
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      updated_at: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    expect((await storage.listBuckets()).data?.map((bucket) => bucket.id)).toContain('invoices')

    const changed = await storage.updateBucket('invoices', { public: false, fileSizeLimit: 100 })
    expect(changed).toEqual({ data: { message: 'Successfully updated' }, error: null })
    expect((await storage.getBucket('invoices')).data).toMatchObject({
      public: false,
      file_size_limit: 100,
      allowed_mime_types: ['image/*', 'text/csv'],
    })
    await storage.updateBucket('invoices', { public: false, fileSizeLimit: null, allowedMimeTypes: null })
    expect((await storage.getBucket('invoices')).data).toMatchObject({
      file_size_limit: null,
      allowed_mime_types: null,
    })

    await storage.from('invoices').upload('a.txt', 'a')
    await storage.from('invoices').upload('b/c.txt', 'c')
    expect(faultIn(await storage.deleteBucket('invoices'))).toMatchObject({
      status: 400,
      statusCode: '409',
      code: 'ResourceNotEmpty',
    })
    expect((await storage.emptyBucket('invoices')).data).toEqual({
      message: 'Empty bucket has been queued. Completion may take up to an hour.',
    })
    expect(filesOf(stack)).toEqual([])
    expect((await storage.deleteBucket('invoices')).data).toEqual({ message: 'Successfully deleted' })
    expect(faultIn(await storage.getBucket('invoices'))).toMatchObject({ statusCode: '404', code: 'NoSuchBucket' })
  })

  test('emptying takes all of many objects', async () => {
    const bucket = await someBucket(stack)
    const text = `insert into storage.objects (bucket_id, name, version, metadata)
      select $1, 'file ' || n, gen_random_uuid(), '{}' from generate_series(1, 1203) n`
    await stack.sql.query(text, [bucket])
    await stack.admin().storage.emptyBucket(bucket)
    expect((await stack.admin().storage.from(bucket).list()).data).toEqual([])
  })

  test('lists are cut, sorted and searched', async () => {
    for (const name of ['list-b', 'list-a', 'list-c']) await stack.admin().storage.createBucket(name)
    const { data } = await stack.admin().storage.listBuckets({
      search: 'LIST-',
      sortColumn: 'name',
      sortOrder: 'desc',
      limit: 2,
      offset: 1,
    })
    expect(data?.map((bucket) => bucket.name)).toEqual(['list-b', 'list-a'])
  })

  test('a name exists once', async () => {
    const bucket = await someBucket(stack)
    const body = JSON.stringify({ id: bucket, name: bucket })
    expect(await faultOf(await call(stack, '/bucket', { method: 'POST', body }))).toEqual({
      status: 400,
      statusCode: '409',
      code: 'ResourceAlreadyExists',
      error: 'Duplicate',
      message: 'The resource already exists',
    })
  })

  test.each(['', '.', '..', 'a/b', '../up', ' lead', 'trail ', 'nul\0', 'ünïcode', 'x'.repeat(101)])(
    'are not called %j',
    async (name) => {
      const body = JSON.stringify({ name })
      const found = await faultOf(await call(stack, '/bucket', { method: 'POST', body }))
      expect(found).toMatchObject({ status: 400, statusCode: '400' })
      if (!name.includes('\0')) expect(found).toMatchObject({ code: 'InvalidBucketName', error: 'Invalid Input' })
    },
  )

  test.each([
    [{ file_size_limit: 'much' }, { statusCode: '400', code: 'InvalidRequest' }],
    [{ file_size_limit: -1 }, { statusCode: '400', code: 'InvalidRequest' }],
    [{ file_size_limit: '90GB' }, { statusCode: '413', code: 'EntityTooLarge', error: 'Payload too large' }],
    [{ allowed_mime_types: ['nonsense'] }, { statusCode: '415', code: 'InvalidMimeType', error: 'invalid_mime_type' }],
    [{ public: 'yes' }, { statusCode: '400', code: 'InvalidRequest' }],
  ])('refuse the rules %j', async (rules, expected) => {
    const body = JSON.stringify({ name: 'ruled', ...rules })
    const found = await faultOf(await call(stack, '/bucket', { method: 'POST', body }))
    expect(found).toMatchObject({ status: 400, ...expected })
  })

  test('without a policy nobody but the secret key sees or makes any', async () => {
    const bucket = await someBucket(stack)
    for (const { storage } of [stack.client(), ana.client]) {
      expect((await storage.listBuckets()).data).toEqual([])
      expect(faultIn(await storage.getBucket(bucket))).toMatchObject({ statusCode: '404' })
      expect(faultIn(await storage.createBucket('mine'))).toMatchObject({ statusCode: '403', code: 'AccessDenied' })
      expect(faultIn(await storage.updateBucket(bucket, { public: true }))).toMatchObject({ statusCode: '404' })
      expect(faultIn(await storage.emptyBucket(bucket))).toMatchObject({ statusCode: '404' })
      expect(faultIn(await storage.deleteBucket(bucket))).toMatchObject({ statusCode: '404' })
    }
    expect((await stack.admin().storage.getBucket(bucket)).data?.public).toBe(false)
  })

  test('a policy for buckets lets people make their own', async () => {
    await stack.sql.query(`create policy "own buckets" on storage.buckets for all to authenticated
      using (owner_id = (select auth.uid()::text)) with check (owner_id = (select auth.uid()::text))`)
    expect((await ana.client.storage.createBucket('of-ana')).error).toBeNull()
    expect((await ana.client.storage.getBucket('of-ana')).data?.owner).toBe(ana.id)
    const bob = await stack.person()
    expect((await bob.client.storage.listBuckets()).data).toEqual([])
    expect(faultIn(await bob.client.storage.deleteBucket('of-ana'))).toMatchObject({ statusCode: '404' })
    expect((await ana.client.storage.deleteBucket('of-ana')).error).toBeNull()
    await stack.sql.query('drop policy "own buckets" on storage.buckets')
  })

  test('SQL alone deletes neither buckets nor objects', async () => {
    await someBucket(stack)
    for (const table of ['buckets', 'objects']) {
      await expect(stack.sql.query(`delete from storage.${table}`)).rejects.toThrow(/Use the Storage API/)
    }
  })
})
