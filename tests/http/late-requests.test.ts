import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import fastify from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { allowMoreTime, endBadConnection } from '../../src/http/late-requests.ts'

/** A server with the product's way of ending late requests and a time limit that a test can wait for. */
async function hurriedServer() {
  const app = fastify({
    requestTimeout: 200,
    clientErrorHandler: endBadConnection,
    forceCloseConnections: true,
    http: { connectionsCheckingInterval: 50, headersTimeout: 200 },
  })
  app.addHook('onRequest', async ({ raw, url }) => {
    if (url === '/patient') allowMoreTime(raw.socket)
  })
  for (const path of ['/patient', '/hurried']) app.post(path, async ({ body }) => body)
  app.get('/lengthy', (_, reply) => reply.send(Readable.from(pieces(10, 60))))
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => app.close())
  return Number(new URL(address).port)
}

async function* pieces(count: number, everyMs: number) {
  for (let piece = 0; piece < count; piece += 1) {
    await pause(everyMs)
    yield `${piece}`
  }
}

async function beginPost(port: number, path: string) {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{`)
  return socket
}

test('a request that does not come whole in time is ended, but for one that has a time limit of its own', async () => {
  const port = await hurriedServer()
  const patient = await beginPost(port, '/patient')
  const hurried = await beginPost(port, '/hurried')
  const [refusal] = await once(hurried, 'data')
  expect(String(refusal)).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n.*"code":"BAD_REQUEST"/s)
  patient.write('}')
  const [answer] = await once(patient, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1.1 200 OK\r\n/)
  patient.destroy()
})

test('an answer may take longer than the server gives to a request', async () => {
  const answer = await fetch(`http://127.0.0.1:${await hurriedServer()}/lengthy`)
  expect([answer.status, await answer.text()]).toEqual([200, '0123456789'])
})

test.for([
  ['no HTTP at all\r\n\r\n', 400],
  [`GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
] as [string, number][])('what is no request is answered in the form of every error', async ([text, status]) => {
  const socket = connect(await hurriedServer(), '127.0.0.1')
  await once(socket, 'connect')
  socket.write(text)
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(
    new RegExp(`^HTTP/1.1 ${status} .*"message":"[A-Z].*","issues":\\[\\],"requestId":"[0-9a-f-]{36}"}$`, 's'),
  )
})
