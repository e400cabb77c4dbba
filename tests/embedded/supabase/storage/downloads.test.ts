import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Stack } from '../support/stack.ts'
import { bytes, call, faultOf, someBucket } from './support/storage.ts'

describe('downloads', () => {
  let stack: Stack
  let bucket: string
  const text = '0123456789'

  beforeAll(async () => {
    stack = await Stack.start()
    bucket = await someBucket(stack, { public: true })
    await put('digits.txt', text, { contentType: 'text/plain', cacheControl: '120' })
  })

  afterAll(() => stack.stop())

  const put = async (path: string, body: string | Buffer, options: object) => {
    const { error } = await stack.admin().storage.from(bucket).upload(path, body, options)
    if (error) throw error
  }
  const get = (headers: Record<string, string> = {}, query = '', method = 'GET') =>
    call(stack, `/object/public/${bucket}/digits.txt${query}`, { as: 'nobody', method, headers })

  test('carry what a browser and a cache need to know', async () => {
    const response = await get()
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/plain',
      'content-length': '10',
      'cache-control': 'max-age=120',
      'accept-ranges': 'bytes',
      'x-robots-tag': 'none',
      'x-content-type-options': 'nosniff',
      etag: '"781e5e245d69b566979b86e28d23f2c7"',
    })
    expect(Date.parse(response.headers.get('last-modified') ?? '')).toBeLessThanOrEqual(Date.now())
    expect(response.headers.has('content-disposition')).toBe(false)
    const head = await get({}, '', 'HEAD')
    expect(head.headers.get('content-length')).toBe('10')
    expect(head.headers.get('cache-control')).toBe('max-age=120')
    expect(await head.text()).toBe('')
  })

  test.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-99', text, 'bytes 0-9/10'],
  ])('the range %s is sent alone', async (range, expected, contentRange) => {
    const response = await get({ range })
    expect(response.status).toBe(206)
    expect(response.headers.get('content-range')).toBe(contentRange)
    expect(response.headers.get('content-length')).toBe(String(expected.length))
    expect(await response.text()).toBe(expected)
  })

  test.each(['bytes=10-', 'bytes=99-100', 'bytes=-0'])('the range %s holds nothing and is refused', async (range) => {
    const response = await get({ range })
    expect(response.headers.get('content-range')).toBe('bytes */10')
    expect(await faultOf(response)).toEqual({
      status: 416,
      statusCode: '416',
      code: 'InvalidRange',
      error: 'invalid_range',
      message: 'invalid range provided',
    })
  })

  test.each(['bytes=1-2,4-5', 'bytes=4-2', 'bytes=-', 'lines=1-2', 'bytes=a-b'])(
    'the range %s is not understood and the whole is sent',
    async (range) => {
      const response = await get({ range })
      expect(response.status).toBe(200)
      expect(await response.text()).toBe(text)
    },
  )

  test('a part is sent only of the version whose other parts are there', async () => {
    const etag = (await get()).headers.get('etag') ?? ''
    expect((await get({ range: 'bytes=2-4', 'if-range': etag })).status).toBe(206)
    expect((await get({ range: 'bytes=2-4', 'if-range': '"other"' })).status).toBe(200)
  })

  test('who has it already gets it no second time', async () => {
    const first = await get()
    const etag = first.headers.get('etag') ?? ''
    for (const tags of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const response = await get({ 'if-none-match': tags })
      expect(response.status).toBe(304)
      expect(response.headers.get('etag')).toBe(etag)
      expect(await response.text()).toBe('')
    }
    expect((await get({ 'if-none-match': '"other"' })).status).toBe(200)
    const modified = first.headers.get('last-modified') ?? ''
    expect((await get({ 'if-modified-since': modified })).status).toBe(304)
    expect((await get({ 'if-modified-since': new Date(0).toUTCString() })).status).toBe(200)
  })

  test.each([
    ['?download', 'attachment;'],
    ['?download=', 'attachment;'],
    ['?download=report.pdf', `attachment; filename=report.pdf; filename*=UTF-8''report.pdf;`],
    [
      '?download=Zürich%20"1"%0d%0aSet-Cookie:%20x',
      `attachment; filename=Z%C3%BCrich%20%221%22%0D%0ASet-Cookie%3A%20x; filename*=UTF-8''Z%C3%BCrich%20%221%22%0D%0ASet-Cookie%3A%20x;`,
    ],
  ])('%s saves to a file', async (query, disposition) => {
    const response = await get({}, query)
    expect(response.headers.get('content-disposition')).toBe(disposition)
    expect(response.headers.has('set-cookie')).toBe(false)
  })

  test('the client’s public address is the object’s', async () => {
    const files = stack.client().storage.from(bucket)
    expect(await (await fetch(files.getPublicUrl('digits.txt').data.publicUrl)).text()).toBe(text)
    const saved = await fetch(files.getPublicUrl('digits.txt', { download: 'd.txt' }).data.publicUrl)
    expect(saved.headers.get('content-disposition')).toContain('filename=d.txt')
    const sheet = await call(stack, `/object/info/public/${bucket}/digits.txt`, { as: 'nobody' })
    expect(await sheet.json()).toMatchObject({ name: 'digits.txt', size: 10 })
  })

  test('a page among the objects does not run as one', async () => {
    await put('page.html', '<script>1</script>', { contentType: 'text/html; charset=utf-8' })
    const response = await call(stack, `/object/public/${bucket}/page.html`, { as: 'nobody' })
    expect(response.headers.get('content-type')).toBe('text/plain')
  })

  test('bytes that came packed go out packed', async () => {
    const packed = await new Response(new Response(text).body?.pipeThrough(new CompressionStream('gzip'))).arrayBuffer()
    await put('packed', Buffer.from(packed), { contentType: 'text/plain', contentEncoding: 'gzip' })
    const response = await call(stack, `/object/public/${bucket}/packed`, { as: 'nobody' })
    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect(await response.text()).toBe(text)
  })

  test('a reader gets the version it began with, whatever happens meanwhile', async () => {
    const content = bytes(8_000_000)
    await put('replaced', content, {})
    const response = await call(stack, `/object/public/${bucket}/replaced`, { as: 'nobody' })
    const reader = response.body?.getReader()
    const chunks = [(await reader?.read())?.value ?? new Uint8Array()]
    await put('replaced', 'new', { upsert: true })
    for (let part = await reader?.read(); part?.value; part = await reader?.read()) chunks.push(part.value)
    expect(Buffer.concat(chunks).equals(content)).toBe(true)
  })

  test('a private bucket is not open to the public path, nor to nobody on any other', async () => {
    const hidden = await someBucket(stack)
    await stack.admin().storage.from(hidden).upload('x', 'secret')
    const paths = ['/object/public', '/object', '/object/info/public']
    for (const path of paths) {
      const response = await call(stack, `${path}/${hidden}/x`, { as: 'nobody' })
      expect(await faultOf(response)).toEqual({
        status: 400,
        statusCode: '404',
        code: 'NoSuchBucket',
        error: 'Bucket not found',
        message: 'Bucket not found',
      })
    }
    const head = await call(stack, `/object/public/${hidden}/x`, { as: 'nobody', method: 'HEAD' })
    expect(head.status).toBe(400)
    expect(head.headers.has('etag')).toBe(false)
    const asked = await call(stack, `/object/authenticated/${hidden}/x`, { as: 'nobody' })
    expect(await faultOf(asked)).toMatchObject({ statusCode: '403', message: 'Invalid Compact JWS' })
  })

  test('a bucket that stops being public is closed at once', async () => {
    const closing = await someBucket(stack, { public: true })
    await stack.admin().storage.from(closing).upload('x', 'x')
    const ask = async () => (await call(stack, `/object/public/${closing}/x`, { as: 'nobody' })).status
    expect(await ask()).toBe(200)
    await stack.admin().storage.updateBucket(closing, { public: false })
    expect(await ask()).toBe(400)
  })
})
