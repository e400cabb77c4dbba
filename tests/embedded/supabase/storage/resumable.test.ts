import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Person, Stack } from '../support/stack.ts'
import { bytes, call, faultOf, filesOf, openOwnFolders, someBucket, textOf } from './support/storage.ts'
import { begin, metadataFor, patch, stateOf, tus, uploadAll } from './support/tus.ts'

describe('uploads in parts', () => {
  let stack: Stack
  let bucket: string
  let ana: Person
  let bob: Person

  beforeAll(async () => {
    stack = await Stack.start({}, { fileSizeLimit: 20_000_000, checkpointBytes: 1_000_000 })
    bucket = await someBucket(stack)
    ;[ana, bob] = [await stack.person(), await stack.person()]
    await openOwnFolders(stack, bucket)
  })

  afterAll(() => stack.stop())

  const md5 = (data: Uint8Array) => createHash('md5').update(data).digest('hex')
  const place = (name: string) => ({ bucket, name: `${ana.id}/${name}` })
  const partial = () => filesOf(stack).filter((file) => file.startsWith('partial/'))
  const bytesOf = async (name: string) => {
    const { data, error } = await ana.client.storage.from(bucket).download(`${ana.id}/${name}`)
    if (error) throw error
    return Buffer.from(await data.arrayBuffer())
  }

  test.each([
    ['in one go', {}],
    ['in many parts', { chunkSize: 1_000_000 }],
    ['beginning with the creation', { uploadDataDuringCreation: true }],
    ['in parts, beginning with the creation', { uploadDataDuringCreation: true, chunkSize: 3_000_000 }],
  ])('arrive whole: %s', async (way, options) => {
    const content = bytes(5_500_000)
    const metadata = { contentType: 'video/mp4', cacheControl: '60', metadata: '{"a":1}' }
    const { url } = await uploadAll(stack, { as: ana, ...place(way), content, metadata, options })
    expect(url).toMatch(new RegExp(`^${stack.server.url}/storage/v1/upload/resumable/[A-Za-z0-9_-]+$`))
    expect(md5(await bytesOf(way))).toBe(md5(content))
    const { data: info } = await ana.client.storage.from(bucket).info(`${ana.id}/${way}`)
    expect(info).toMatchObject({
      contentType: 'video/mp4',
      cacheControl: 'max-age=60',
      size: 5_500_000,
      etag: `"${info?.version.replaceAll('-', '')}-2"`,
      metadata: { a: 1 },
    })
    const { rows } = await stack.sql.query('select owner_id from storage.objects where name = $1', [`${ana.id}/${way}`])
    expect(rows).toEqual([{ owner_id: ana.id }])
    expect(partial()).toEqual([])
  })

  test('an empty one is there at once', async () => {
    await uploadAll(stack, { as: ana, ...place('empty'), content: Buffer.alloc(0) })
    expect(await bytesOf('empty')).toHaveLength(0)
  })

  test('the protocol is spoken as it is written', async () => {
    const offered = await call(stack, '/upload/resumable', { method: 'OPTIONS' })
    expect(offered.status).toBe(204)
    expect(Object.fromEntries(offered.headers)).toMatchObject({
      'tus-version': '1.0.0',
      'tus-resumable': '1.0.0',
      'tus-extension': 'creation,creation-with-upload,termination,expiration',
      'tus-max-size': '20000000',
    })
    const { url, created } = await begin(stack, { as: ana, ...place('spoken'), length: 10 })
    expect(created.headers.get('tus-resumable')).toBe('1.0.0')
    expect(created.headers.get('upload-offset')).toBe('0')
    const expires = Date.parse(created.headers.get('upload-expires') ?? '')
    expect(Math.round((expires - Date.now()) / 60_000)).toBe(24 * 60)

    const head = await tus(stack, url, { method: 'HEAD', as: ana })
    expect(head.status).toBe(200)
    expect(Object.fromEntries(head.headers)).toMatchObject({
      'upload-offset': '0',
      'upload-length': '10',
      'upload-metadata': metadataFor(place('spoken')),
      'cache-control': 'no-store',
    })
    const first = await patch(stack, url, { as: ana, offset: 0, body: '01234' })
    expect(first.status).toBe(204)
    expect(first.headers.get('upload-offset')).toBe('5')
    expect((await ana.client.storage.from(bucket).exists(`${ana.id}/spoken`)).data).toBe(false)

    const wrong = await patch(stack, url, { as: ana, offset: 4, body: 'xxxxx' })
    expect(await faultOf(wrong)).toMatchObject({ status: 409, statusCode: '409', code: 'TusError' })
    const last = await patch(stack, url, { as: ana, offset: 5, body: '56789' })
    expect(last.headers.get('upload-offset')).toBe('10')
    expect(last.headers.has('upload-expires')).toBe(false)
    expect(await textOf(ana.client, bucket, `${ana.id}/spoken`)).toBe('0123456789')
    expect(await stateOf(stack, url, ana)).toEqual({ status: 200, offset: '10' })
    expect((await tus(stack, url, { method: 'DELETE', as: ana })).status).toBe(400)
  })

  test.each([
    ['no version', { 'tus-resumable': '' }, 412],
    ['another version', { 'tus-resumable': '0.2.2' }, 412],
    ['no length', { 'upload-length': '' }, 400],
    ['a length that is none', { 'upload-length': '-1' }, 400],
    ['no metadata', { 'upload-metadata': '' }, 400],
    ['no bucket', { 'upload-metadata': metadataFor({ bucket: 'no-such-bucket', name: 'x' }) }, 404],
    ['a length beyond the limit', { 'upload-length': '20000001' }, 413],
  ])('are not begun with %s', async (_, headers, status) => {
    const { created } = await begin(stack, { as: ana, ...place('never'), length: 10, headers })
    expect(await faultOf(created)).toMatchObject({ status, statusCode: String(status) })
    expect(partial()).toEqual([])
  })

  test('are not begun where the whole may not be put', async () => {
    const pictures = await someBucket(stack, { allowedMimeTypes: ['image/*'], fileSizeLimit: 100 })
    const status = async (as: Person, of: { bucket: string; name: string }, length = 10) =>
      (await begin(stack, { as, ...of, length })).created.status
    expect(await status(bob, place('of ana'))).toBe(403)
    expect(await status(ana, { bucket, name: '../x' })).toBe(400)
    expect(await status(ana, { bucket: pictures, name: 'x' })).toBe(415)
    await ana.client.storage.from(bucket).upload(`${ana.id}/taken`, 'x')
    expect(await status(ana, place('taken'))).toBe(409)
  })

  test('bring no more than they announced', async () => {
    const { url } = await begin(stack, { as: ana, ...place('more'), length: 4 })
    expect((await patch(stack, url, { as: ana, offset: 0, body: '01234' })).status).toBe(413)
    expect((await ana.client.storage.from(bucket).exists(`${ana.id}/more`)).data).toBe(false)
    expect((await patch(stack, url, { as: ana, offset: 0, body: '0123', type: 'text/plain' })).status).toBe(415)
    expect((await patch(stack, url, { as: ana, offset: 0, body: '0123' })).status).toBe(204)
    expect(await textOf(ana.client, bucket, `${ana.id}/more`)).toBe('0123')
  })

  test('belong to whoever began them', async () => {
    const { url } = await begin(stack, { as: ana, ...place('own'), length: 4 })
    expect((await stateOf(stack, url, bob)).status).toBe(404)
    expect((await stateOf(stack, url, 'nobody')).status).toBe(403)
    expect((await patch(stack, url, { as: bob, offset: 0, body: '0123' })).status).toBe(404)
    expect((await tus(stack, url, { method: 'DELETE', as: bob })).status).toBe(404)
    const elsewhere = Buffer.from(`${bucket}/${bob.id}/x/${Buffer.from(url, 'base64url')}`).toString('base64url')
    expect((await stateOf(stack, `${stack.server.url}/storage/v1/upload/resumable/${elsewhere}`, ana)).status).toBe(404)
    expect((await stateOf(stack, url, ana)).status).toBe(200)
  })

  test('take the place of an object only when they may', async () => {
    const files = ana.client.storage.from(bucket)
    await files.upload(`${ana.id}/replaced`, 'before')
    const before = filesOf(stack).length
    await uploadAll(stack, { as: ana, ...place('replaced'), content: Buffer.from('after'), upsert: true })
    expect(await textOf(ana.client, bucket, `${ana.id}/replaced`)).toBe('after')
    expect(filesOf(stack)).toHaveLength(before)
  })

  test('lose a name that somebody else took meanwhile, and leave nothing', async () => {
    const { url } = await begin(stack, { as: ana, ...place('raced'), length: 4 })
    await patch(stack, url, { as: ana, offset: 0, body: '01' })
    await ana.client.storage.from(bucket).upload(`${ana.id}/raced`, 'first')
    const lost = await patch(stack, url, { as: ana, offset: 2, body: '23' })
    expect(await faultOf(lost)).toMatchObject({ status: 409, code: 'KeyAlreadyExists' })
    expect(await textOf(ana.client, bucket, `${ana.id}/raced`)).toBe('first')
  })

  test('can be given up', async () => {
    const { url } = await begin(stack, { as: ana, ...place('given up'), length: 4 })
    await patch(stack, url, { as: ana, offset: 0, body: '01' })
    const before = partial().length
    expect((await tus(stack, url, { method: 'DELETE', as: ana })).status).toBe(204)
    expect(partial()).toHaveLength(before - 1)
    expect((await stateOf(stack, url, ana)).status).toBe(404)
  })

  test('wait a day, and are cleared away then', async () => {
    const { url } = await begin(stack, { as: ana, ...place('late'), length: 4 })
    await patch(stack, url, { as: ana, offset: 0, body: '01' })
    stack.advance(86_401)
    const later = await stack.signIn(ana.email)
    expect((await stateOf(stack, url, later)).status).toBe(410)
    expect((await patch(stack, url, { as: later, offset: 2, body: '23' })).status).toBe(410)
    await stack.restart()
    expect((await stateOf(stack, url, later)).status).toBe(404)
    expect(partial()).toEqual([])
    stack.advance(-86_401)
  })

  test('are open to the holder of a link, for its object alone', async () => {
    const { data: link } = await ana.client.storage.from(bucket).createSignedUploadUrl(`${ana.id}/by link`)
    const headers = { 'x-signature': link?.token ?? '' }
    const path = '/upload/resumable/sign'
    const other = await begin(stack, { as: 'nobody', ...place('another'), length: 4, headers, path })
    expect(await faultOf(other.created)).toMatchObject({ status: 400, code: 'InvalidSignature' })
    const none = await begin(stack, { as: 'nobody', ...place('by link'), length: 4, path })
    expect(none.created.status).toBe(403)
    const { url } = await begin(stack, { as: 'nobody', ...place('by link'), length: 4, headers, path })
    expect((await patch(stack, url, { as: 'nobody', offset: 0, body: '0123', headers })).status).toBe(204)
    expect(await textOf(ana.client, bucket, `${ana.id}/by link`)).toBe('0123')
  })

  test('nothing of all this was a fault', () => {
    expect(stack.logged.filter((line) => line.includes('failed'))).toEqual([])
  })
})
