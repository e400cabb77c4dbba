import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Stack } from '../support/stack.ts'
import { bytes, call, faultIn, faultOf, filesOf, keysOf, someBucket } from './support/storage.ts'

const tooLarge = {
  status: 400,
  statusCode: '413',
  code: 'EntityTooLarge',
  error: 'Payload too large',
  message: 'The object exceeded the maximum allowed size',
}

const soon = { timeout: 10_000, interval: 10 }

describe('limits', () => {
  let stack: Stack
  let bucket: string

  beforeAll(async () => {
    stack = await Stack.start({}, { fileSizeLimit: 3_000_000 })
    bucket = await someBucket(stack, { fileSizeLimit: 100_000 })
  })

  afterAll(() => stack.stop())

  const files = () => stack.admin().storage.from(bucket)
  const nothingIsLeft = async (name: string) => {
    expect((await files().exists(name)).data).toBe(false)
    expect(filesOf(stack).filter((file) => !file.startsWith('objects/'))).toEqual([])
    const { rows } = await stack.sql.query('select count(*)::int as count from storage.objects')
    expect(filesOf(stack)).toHaveLength(rows[0].count)
  }

  /** Far more bytes than anybody may send, as long as somebody asks for them. */
  const endless = () => {
    const sent = { bytes: 0 }
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent.bytes += 65_536
        controller.enqueue(bytes(65_536))
        if (sent.bytes > 50_000_000) controller.close()
      },
    })
    return { sent, body }
  }

  test('exactly the limit goes in, one byte more does not', async () => {
    expect((await files().upload('full', bytes(100_000))).error).toBeNull()
    const more = await call(stack, `/object/${bucket}/more`, { method: 'POST', body: new Uint8Array(bytes(100_001)) })
    expect(await faultOf(more)).toEqual(tooLarge)
    expect(faultIn(await files().upload('more', new Blob([new Uint8Array(bytes(100_001))])))).toMatchObject({
      statusCode: '413',
    })
    await nothingIsLeft('more')
  })

  test('a stream is cut off where the limit is, however long it goes on', async () => {
    const { sent, body } = endless()
    expect(faultIn(await files().upload('endless', body))).toMatchObject({ statusCode: '413', code: 'EntityTooLarge' })
    expect(sent.bytes).toBeLessThan(50_000_000)
    await nothingIsLeft('endless')
  })

  test('a bucket without a limit has the installation’s', async () => {
    const wide = await someBucket(stack)
    expect((await stack.admin().storage.from(wide).upload('x', bytes(3_000_000))).error).toBeNull()
    const { body } = endless()
    expect(faultIn(await stack.admin().storage.from(wide).upload('y', body))).toMatchObject({ statusCode: '413' })
    expect(faultIn(await stack.admin().storage.from(wide).upload('y', bytes(3_000_001)))).toMatchObject({
      statusCode: '413',
    })
  })

  test('a replacement that is too large leaves what there was', async () => {
    await files().upload('kept', 'before')
    const { body } = endless()
    expect(faultIn(await files().upload('kept', body, { upsert: true }))).toMatchObject({ statusCode: '413' })
    expect(await (await files().download('kept')).data?.text()).toBe('before')
    expect(faultIn(await files().update('kept', endless().body))).toMatchObject({ statusCode: '413' })
    expect(await (await files().download('kept')).data?.text()).toBe('before')
  })

  test('the connection still serves after a refusal', async () => {
    for (const name of ['one', 'two', 'three']) {
      expect(faultIn(await files().upload(name, bytes(150_000)))).toMatchObject({ statusCode: '413' })
    }
    expect((await files().upload('after', 'x')).error).toBeNull()
  })

  test('only the types that a bucket takes go in', async () => {
    const pictures = await someBucket(stack, { allowedMimeTypes: ['image/*', 'text/csv'] })
    const upload = (contentType: string) =>
      stack.admin().storage.from(pictures).upload(contentType.replace('/', ' '), 'x', { contentType })
    expect((await upload('image/png')).error).toBeNull()
    expect((await upload('text/csv;charset=utf-8')).error).toBeNull()
    expect((await upload('text/html')).error).toMatchObject({
      status: 400,
      statusCode: '415',
      code: 'InvalidMimeType',
      message: 'mime type text/html is not supported',
    })
    const blob = new Blob(['x'], { type: 'application/pdf' })
    const refused = await stack.admin().storage.from(pictures).upload('blob', blob)
    expect(refused.error).toMatchObject({ statusCode: '415', message: 'mime type application/pdf is not supported' })
  })

  test.each([
    ['its last line is missing', 'the beginning of'],
    ['it never gets to the file', ''],
  ])('a form is no upload when %s', async (_, content) => {
    const file = content && `--b\r\ncontent-disposition: form-data; name=""; filename="x"\r\n\r\n${content}`
    const body = `--b\r\ncontent-disposition: form-data; name="cacheControl"\r\n\r\n60\r\n${file}`
    const headers = { 'content-type': 'multipart/form-data; boundary=b' }
    const response = await call(stack, `/object/${bucket}/torn`, { method: 'POST', body, headers })
    expect(await faultOf(response)).toMatchObject({ status: 400, statusCode: '400', code: 'InvalidRequest' })
    await nothingIsLeft('torn')
  })

  test.each([
    ['bare', 'content-type: text/plain', 'some of the bytes'],
    [
      'a form',
      'content-type: multipart/form-data; boundary=b',
      '--b\r\ncontent-disposition: form-data; name=""; filename="x"\r\n\r\nsome of the bytes',
    ],
  ])('an upload whose connection breaks (%s) leaves nothing, and works the next time', async (_, type, part) => {
    const { hostname, port } = new URL(stack.server.url)
    const socket = connect(Number(port), hostname)
    const head = [
      `POST /storage/v1/object/${bucket}/broken HTTP/1.1`,
      `host: ${hostname}`,
      `apikey: ${keysOf(stack)['apikey']}`,
      type,
      'content-length: 5000',
    ]
    const settled = filesOf(stack).length
    socket.write(`${head.join('\r\n')}\r\n\r\n${part}`)
    await expect.poll(() => filesOf(stack).length, soon).toBe(settled + 1)
    expect((await files().exists('broken')).data).toBe(false)
    socket.destroy()
    await once(socket, 'close')
    await expect.poll(() => filesOf(stack).length, soon).toBe(settled)
    await nothingIsLeft('broken')
    expect((await files().upload('broken', 'whole')).error).toBeNull()
    expect(await (await files().download('broken')).data?.text()).toBe('whole')
    await files().remove(['broken'])
    expect(stack.logged.filter((line) => line.includes('failed'))).toEqual([])
  })
})
