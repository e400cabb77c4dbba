import { createHash, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sorted } from '../support/answers.ts'
import { Stack } from '../support/stack.ts'
import { bytes, call, faultIn, faultOf, filesOf, someBucket, textOf } from './support/storage.ts'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

describe('objects', () => {
  let stack: Stack
  let bucket: string

  beforeAll(async () => {
    stack = await Stack.start()
    bucket = await someBucket(stack)
  })

  afterAll(() => stack.stop())

  const files = () => stack.admin().storage.from(bucket)

  test.each([
    ['a buffer', () => Buffer.from('hello')],
    ['a text', () => 'hello'],
    ['an array buffer', () => new TextEncoder().encode('hello').buffer],
    ['a blob', () => new Blob(['hello'], { type: 'text/csv' })],
    ['a file', () => new File(['hello'], 'other name.csv', { type: 'text/csv' })],
    ['a form', () => formOf('hello')],
    ['a stream', () => new Response('hello').body ?? ''],
    ['a stream of Node', () => Readable.from([Buffer.from('hel'), Buffer.from('lo')])],
  ])('are uploaded from %s and come back as they were', async (name, body) => {
    const path = `kinds/${name}.csv`
    const { data, error } = await files().upload(path, body(), { contentType: 'text/csv', cacheControl: '60' })
    expect(error).toBeNull()
    expect(data).toEqual({ id: expect.stringMatching(uuid), path, fullPath: `${bucket}/${path}` })
    expect(await textOf(stack.admin(), bucket, path)).toBe('hello')
    expect((await files().info(path)).data).toMatchObject({
      contentType: 'text/csv',
      cacheControl: 'max-age=60',
      size: 5,
    })
  })

  test('an empty one is one, too', async () => {
    expect((await files().upload('empty', Buffer.alloc(0))).error).toBeNull()
    expect((await files().download('empty')).data?.size).toBe(0)
    expect((await files().upload('empty form', new Blob([]))).error).toBeNull()
    expect((await files().info('empty form')).data?.size).toBe(0)
  })

  test('a large one comes back whole', async () => {
    const content = bytes(5_000_000)
    await files().upload('large', content)
    const { data } = await files().download('large')
    const md5 = (data: Uint8Array) => createHash('md5').update(data).digest('hex')
    expect(md5(new Uint8Array((await data?.arrayBuffer()) ?? new ArrayBuffer()))).toBe(md5(content))
    expect((await files().info('large')).data?.etag).toBe(`"${md5(content)}"`)
  })

  test('the entity tag is the MD5 up to 5 MiB, and beyond it 32 digits and the number of parts, another for each version', async () => {
    const part = 5 * 1024 * 1024
    const content = bytes(2 * part + 1)
    const tagOf = async (size: number) => {
      await files().upload('tagged', content.subarray(0, size), { upsert: true })
      return (await files().info('tagged')).data?.etag
    }
    const digest = createHash('md5').update(content.subarray(0, part)).digest('hex')
    expect(await tagOf(part)).toBe(`"${digest}"`)
    const larger = [await tagOf(part + 1), await tagOf(part + 1), await tagOf(2 * part + 1)]
    const shapes = [/^"[0-9a-f]{32}-2"$/, /^"[0-9a-f]{32}-2"$/, /^"[0-9a-f]{32}-3"$/]
    for (const [place, tag] of larger.entries()) expect(tag).toMatch(shapes[place] ?? '')
    expect(new Set(larger).size).toBe(3)
  })

  test('information has the shape of Supabase, and the uploader’s own metadata', async () => {
    const path = 'told/about.json'
    const metadata = { invoice: 7, tags: ['a'] }
    const { data: raw } = await files().upload(path, '{}', { contentType: 'application/json', metadata })
    const response = await call(stack, `/object/info/${bucket}/${path}`)
    expect(await response.json()).toEqual({
      id: raw?.id,
      name: path,
      version: expect.stringMatching(uuid),
      bucket_id: bucket,
      size: 2,
      content_type: 'application/json',
      cache_control: 'max-age=3600',
      etag: '"99914b932bd37a50b983c5e7c90ae93b"',
      metadata,
      last_modified: expect.any(String),
      created_at: expect.any(String),
    })
    await files().upload('told/blob', new Blob(['x']), { metadata })
    expect((await files().info('told/blob')).data?.metadata).toEqual(metadata)
  })

  test('the row says what Supabase’s says', async () => {
    const person = await stack.person()
    await stack.sql.query(`create policy "p" on storage.objects for insert to authenticated with check (true)`)
    await person.client.storage.from(bucket).upload('rows/x.txt', 'abc')
    const { rows } = await stack.sql.query('select * from storage.objects where name = $1', ['rows/x.txt'])
    expect(rows).toEqual([
      expect.objectContaining({
        bucket_id: bucket,
        owner: person.id,
        owner_id: person.id,
        path_tokens: ['rows', 'x.txt'],
        user_metadata: null,
        metadata: {
          eTag: '"900150983cd24fb0d6963f7d28e17f72"',
          size: 3,
          mimetype: 'text/plain;charset=UTF-8',
          cacheControl: 'max-age=3600',
          lastModified: expect.any(String),
          contentLength: 3,
          httpStatusCode: 200,
        },
      }),
    ])
    expect(filesOf(stack)).toContain(`objects/${rows[0].version.slice(0, 2)}/${rows[0].version}`)
    await stack.sql.query(`drop policy "p" on storage.objects`)
  })

  test('exist or do not', async () => {
    await files().upload('there', 'x')
    expect((await files().exists('there')).data).toBe(true)
    expect((await files().exists('not there')).data).toBe(false)
    expect((await call(stack, `/object/${bucket}/there`, { method: 'HEAD' })).status).toBe(200)
    expect((await call(stack, `/object/${bucket}/none`, { method: 'HEAD' })).status).toBe(400)
  })

  test('a name that is taken stays as it is, unless the upload may take its place', async () => {
    await files().upload('taken', 'first')
    const again = await call(stack, `/object/${bucket}/taken`, { method: 'POST', body: 'second' })
    expect(await faultOf(again)).toEqual({
      status: 400,
      statusCode: '409',
      code: 'KeyAlreadyExists',
      error: 'Duplicate',
      message: 'The resource already exists',
    })
    expect(await textOf(stack.admin(), bucket, 'taken')).toBe('first')
    const before = filesOf(stack).length
    const { data: first } = await files().info('taken')
    const { data } = await files().upload('taken', 'third', { upsert: true })
    expect(data?.id).toBe(first?.id)
    expect(await textOf(stack.admin(), bucket, 'taken')).toBe('third')
    expect((await files().info('taken')).data?.version).not.toBe(first?.version)
    expect(filesOf(stack)).toHaveLength(before)
  })

  test('an update takes the place of what there is, and only of that', async () => {
    expect(faultIn(await files().update('updated', 'x'))).toMatchObject({ statusCode: '404', code: 'NoSuchKey' })
    await files().upload('updated', 'before')
    const before = filesOf(stack).length
    expect((await files().update('updated', 'after', { contentType: 'text/html' })).error).toBeNull()
    expect(await textOf(stack.admin(), bucket, 'updated')).toBe('after')
    expect((await files().info('updated')).data?.contentType).toBe('text/html')
    expect(filesOf(stack)).toHaveLength(before)
  })

  test('remove: rows and bytes go, and the answer names what went', async () => {
    const names = ['gone/a', 'gone/b', 'gone/c']
    for (const name of names) await files().upload(name, name)
    const before = filesOf(stack).length
    const { data } = await files().remove(['gone/a', 'gone/c', 'gone/never was'])
    expect(sorted(data?.map((row) => row.name) ?? [])).toEqual(['gone/a', 'gone/c'])
    expect(data?.[0]).toMatchObject({ bucket_id: bucket, metadata: { size: 6 } })
    expect((await files().exists('gone/a')).data).toBe(false)
    expect(await textOf(stack.admin(), bucket, 'gone/b')).toBe('gone/b')
    expect(filesOf(stack)).toHaveLength(before - 2)
    const one = await call(stack, `/object/${bucket}/gone/b`, { method: 'DELETE' })
    expect(await one.json()).toEqual({ message: 'Successfully deleted' })
    const none = await call(stack, `/object/${bucket}/gone/b`, { method: 'DELETE' })
    expect(await faultOf(none)).toMatchObject({ status: 400, statusCode: '404', code: 'NoSuchKey' })
  })

  test('more than a thousand at once are not removed', async () => {
    const prefixes = Array.from({ length: 1001 }, () => randomUUID())
    const body = JSON.stringify({ prefixes })
    const response = await call(stack, `/object/${bucket}`, { method: 'DELETE', body })
    expect(await faultOf(response)).toMatchObject({ statusCode: '400', code: 'InvalidRequest' })
  })

  test('a bucket that is not there is named as what is missing', async () => {
    const away = stack.admin().storage.from('no-such-bucket')
    for (const answer of [await away.upload('x', 'x'), await away.download('x'), await away.copy('x', 'y')]) {
      expect(faultIn(answer)).toMatchObject({ status: 400, statusCode: '404', code: 'NoSuchBucket' })
    }
    expect((await away.list()).data).toEqual([])
  })

  test('a missing one is missing in Supabase’s words', async () => {
    expect(await faultOf(await call(stack, `/object/${bucket}/none`))).toEqual({
      status: 400,
      statusCode: '404',
      code: 'NoSuchKey',
      error: 'not_found',
      message: 'Object not found',
    })
  })

  test.each([
    ['x-metadata', Buffer.from('no json').toString('base64')],
    ['x-metadata', Buffer.from('{"a":"\\u0000"}').toString('base64')],
    ['x-metadata', Buffer.from('[1]').toString('base64')],
    ['content-type', 'text'],
    ['cache-control', 'x'.repeat(300)],
  ])('an upload with the %s %j is refused', async (name, value) => {
    const init = { method: 'POST', body: 'x', headers: { [name]: value } }
    const response = await call(stack, `/object/${bucket}/refused`, init)
    expect(await faultOf(response)).toMatchObject({ status: 400, statusCode: '400', code: 'InvalidRequest' })
    expect((await files().exists('refused')).data).toBe(false)
  })

  test('images are not transformed here', async () => {
    await files().upload('picture', 'x')
    const { error } = await files().download('picture', { transform: { width: 10 } })
    expect(error).toMatchObject({ status: 403, statusCode: '403', message: 'feature not enabled for this tenant' })
    const { data } = await files().createSignedUrl('picture', 60, { transform: { width: 10 } })
    expect(data?.signedUrl).toContain('/storage/v1/render/image/sign/')
    const response = await fetch(data?.signedUrl ?? '')
    expect(await response.json()).toMatchObject({ error: 'FeatureNotEnabled', statusCode: '403' })
  })
})

function formOf(text: string): FormData {
  const form = new FormData()
  form.append('document', new Blob([text], { type: 'text/csv' }), 'document.csv')
  return form
}
