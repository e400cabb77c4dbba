import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Stack } from '../support/stack.ts'
import { faultIn, filesOf, keysOf, someBucket, textOf } from './support/storage.ts'

describe('names', () => {
  let stack: Stack
  let bucket: string

  beforeAll(async () => {
    stack = await Stack.start()
    bucket = await someBucket(stack)
  })

  afterAll(() => stack.stop())

  const files = () => stack.admin().storage.from(bucket)

  /** A request whose address nobody tidies up on the way. */
  const raw = (method: string, path: string) => {
    const answered = Promise.withResolvers<{ status: number; body: string }>()
    const { hostname, port } = new URL(stack.server.url)
    const headers = { ...keysOf(stack), 'content-type': 'text/plain' }
    const sent = request({ hostname, port, method, path: `/storage/v1${path}`, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        answered.resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() })
      })
    })
    sent.on('error', answered.reject)
    sent.end(method === 'POST' ? 'x' : undefined)
    return answered.promise
  }

  test.each([
    `plain.txt`,
    `with space.txt`,
    `!*'() &$=@;:+,-_.txt`,
    `deep/er/and/deeper.txt`,
    `.hidden`,
    `dots...in.txt`,
    `ends.`,
    'x'.repeat(1024),
  ])('%j is one', async (name) => {
    expect((await files().upload(name, name)).error).toBeNull()
    expect(await textOf(stack.admin(), bucket, name)).toBe(name)
    expect((await files().remove([name])).data).toHaveLength(1)
  })

  test.each([
    '../x',
    'a/../x',
    '..%2fx',
    '%2e%2e/x',
    '%2e%2e%2fx',
    'a/%2e/x',
    'a/..',
    '..',
    'nul%00',
    'line%0abreak',
    'back%5cslash',
    '%C3%BCml%C3%A4ut',
    'tilde~',
    'x'.repeat(1025),
  ])('%j is none, whatever is asked of it', async (path) => {
    const before = filesOf(stack)
    for (const method of ['POST', 'GET', 'DELETE']) {
      const { status, body } = await raw(method, `/object/${bucket}/${path}`)
      expect(status, body).toBe(400)
      expect(JSON.parse(body)).toMatchObject({ statusCode: '400', code: 'InvalidKey', error: 'InvalidKey' })
    }
    expect(filesOf(stack)).toEqual(before)
  })

  test.each(['../../../etc/passwd', '..', '.', '%2e%2e', 'nul%00', 'x'.repeat(101)])(
    'no bucket is called %j',
    async (name) => {
      for (const [method, path] of [
        ['GET', `/object/${encodeURIComponent(decodeURIComponent(name))}/x`],
        ['GET', `/object/public/${encodeURIComponent(decodeURIComponent(name))}/x`],
        ['POST', `/object/${encodeURIComponent(decodeURIComponent(name))}/x`],
      ] as const) {
        const { status, body } = await raw(method, path)
        expect(status).toBe(400)
        expect(JSON.parse(body)).toMatchObject({ statusCode: '404', code: 'NoSuchBucket' })
      }
    },
  )

  test('an address that is not encoded as one is refused', async () => {
    expect((await raw('GET', `/object/${bucket}/%zz`)).status).toBe(400)
    expect((await raw('GET', `/object/${bucket}/%c3%28`)).status).toBe(400)
  })

  test('neither copy nor move makes one that upload would not', async () => {
    await files().upload('fine', 'x')
    for (const name of ['../x', 'a\0b', 'ü', 'x'.repeat(1025), 'a/./b']) {
      const statusCode = '400'
      expect(faultIn(await files().copy('fine', name))).toMatchObject({ statusCode })
      expect(faultIn(await files().move('fine', name))).toMatchObject({ statusCode })
    }
    expect((await files().list('', { search: 'fine' })).data).toHaveLength(1)
  })

  test('the disk knows none of them', async () => {
    await files().upload('very/telling name.txt', 'x')
    for (const file of filesOf(stack)) expect(file).toMatch(/^objects\/[0-9a-f]{2}\/[0-9a-f-]{36}$/)
    expect(filesOf(stack).join()).not.toContain(bucket)
  })
})
