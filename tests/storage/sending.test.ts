import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { test as base, describe, expect } from 'vitest'
import { openSender } from '../../src/storage/sending.ts'

const headers = { 'content-type': 'application/octet-stream' }
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

// biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixtures wanted from the pattern
const test = base.extend('serve', async ({}, { onCleanup }) => async (answer: RequestListener) => {
  const server = createServer(answer)
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  onCleanup(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/`, connections: () => connections }
})

/** Pieces that are wiped as soon as the next one is asked for, as those are whose memory is given back. */
async function* wiped(pieces: Uint8Array<ArrayBuffer>[]) {
  for (const piece of pieces) {
    yield piece
    piece.buffer.transfer(0)
  }
}

describe('a body that is sent piece by piece', () => {
  test('arrives whole although its memory is used again, and however slowly it is taken', async ({ serve }) => {
    const { url, connections } = await serve(async (request, response) => {
      const hash = createHash('sha256')
      for await (const chunk of request) {
        hash.update(chunk)
        await pause(1)
      }
      response.end(hash.digest('hex'))
    })
    const send = openSender()
    const sizes = [1, 16 * 1024, 64 * 1024, 3 * 1024 * 1024, 100_001]
    for (const announced of [true, false]) {
      const pieces = Array.from({ length: 15 }, (_, place) => new Uint8Array(randomBytes(sizes[place % 5] ?? 1)))
      const content = Buffer.concat(pieces)
      const length = announced ? { 'content-length': String(content.length) } : {}
      const answer = await send(url, { ...headers, ...length }, wiped(pieces))
      expect(answer).toEqual({ status: 200, text: digest(content) })
    }
    expect(connections(), 'one after the other over the same').toBe(1)
  })

  test('is broken off when it is refused before its end, and its source is told', async ({ serve }) => {
    const { url } = await serve((_, response) => response.writeHead(413).end('too much'))
    let isLetGo = false
    async function* endless() {
      try {
        for (;;) yield new Uint8Array(64 * 1024)
      } finally {
        isLetGo = true
      }
    }
    expect(await openSender()(url, headers, endless())).toEqual({ status: 413, text: 'too much' })
    expect(isLetGo).toBe(true)
  })

  test('is not whole for whoever takes it when its source fails', async ({ serve }) => {
    const { promise: seen, resolve } = Promise.withResolvers<boolean>()
    const { url } = await serve((request) => {
      request.on('error', () => undefined).on('close', () => resolve(request.complete))
      request.resume()
    })
    const fault = new Error('the client is gone')
    async function* failing() {
      yield new Uint8Array(10)
      throw fault
    }
    const length = { 'content-length': '20' }
    await expect(openSender()(url, { ...headers, ...length }, failing())).rejects.toBe(fault)
    expect(await seen).toBe(false)
  })

  test('fails with the connection, before and in the middle of it', async ({ serve }) => {
    const { url } = await serve((request) => request.once('data', () => request.socket.destroy()))
    const pieces = () => Array.from({ length: 400 }, () => new Uint8Array(64 * 1024))
    await expect(openSender()(url, headers, wiped(pieces()))).rejects.toThrow(/ECONNRESET|EPIPE|socket hang up/)
    await expect(openSender()('http://127.0.0.1:9/', headers, wiped(pieces()))).rejects.toThrow('ECONNREFUSED')
  })
})
