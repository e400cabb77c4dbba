import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Person, Stack } from '../support/stack.ts'
import { filesOf, keysOf, openOwnFolders, someBucket } from './support/storage.ts'

const soon = { timeout: 10_000, interval: 10 }

describe('uploads by a link', () => {
  let stack: Stack
  let bucket: string
  let ana: Person

  beforeAll(async () => {
    stack = await Stack.start({}, { linkedUploadSeconds: 1 })
    bucket = await someBucket(stack)
    ana = await stack.person()
    await openOwnFolders(stack, bucket)
  })

  afterAll(() => stack.stop())

  /** A request of which the test sends the body as slowly as it likes. */
  const openRequest = (line: string, headers: Record<string, string>) => {
    const { hostname, port } = new URL(stack.server.url)
    const socket = connect(Number(port), hostname)
    let text = ''
    socket
      .on('error', () => undefined)
      .on('data', (part) => {
        text += String(part)
      })
    const all = { host: hostname, 'content-type': 'text/plain', 'content-length': '4', ...headers }
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
    socket.write([`${line} HTTP/1.1`, ...lines, '', 'ab'].join('\r\n'))
    return { socket, answer: () => text }
  }

  test('end when they go on for longer than late bytes are looked for; others take their time', async () => {
    const own = openRequest(`POST /storage/v1/object/${bucket}/${ana.id}/own`, keysOf(stack, ana))
    const { data: link } = await ana.client.storage.from(bucket).createSignedUploadUrl(`${ana.id}/slow`)
    const address = `/storage/v1/object/upload/sign/${bucket}/${ana.id}/slow?token=${link?.token}`
    const { socket } = openRequest(`PUT ${address}`, {})
    await once(socket, 'close')
    own.socket.write('cd')
    await expect.poll(own.answer, soon).toContain(' 200 ')
    own.socket.destroy()
    const names = (await stack.admin().storage.from(bucket).list(ana.id)).data?.map(({ name }) => name)
    expect(names).toEqual(['own'])
    await expect.poll(() => filesOf(stack), soon).toHaveLength(1)
  })
})
