import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, onTestFinished } from 'vitest'
import { z } from 'zod'
import { keepFile } from '../support/files.ts'
import { runUnderWay, workplace } from '../support/resting.ts'
import { giveFile } from '../support/run-files.ts'
import { testWith, type World } from '../support/world.ts'

const test = testWith({ DOWNLOAD_IDLE_SECONDS: '1', ROLE: 'api' })
/** More than the buffers between server and client hold. */
const size = 32 * 1024 * 1024

const ways = [
  ['a shared link', 'POST', sharedLink],
  ['the link of a run', 'GET', runLink],
  ['the link of a run, as text in UTF-8', 'GET', async (world: World) => `${await runLink(world)}&charset=utf-8`],
] as const

async function sharedLink(world: World): Promise<string> {
  const { company, studioId } = await workplace(world)
  const { id: fileId } = await keepFile(world.stack, company.member, { studioId, content: 'x'.repeat(size) })
  const { url } = await company.member.api.sharing.create.mutate({ fileId })
  return `${new URL(url).pathname}/download`
}

async function runLink(world: World): Promise<string> {
  const place = await workplace(world)
  const kept = { studioId: place.studioId, content: 'x'.repeat(size) }
  const { id: fileId } = await keepFile(world.stack, place.company.admin, kept)
  const { executionId } = await runUnderWay(world, place)
  return `/files/runs/${executionId}/${fileId}?token=${await giveFile(world, executionId, fileId)}`
}

const begun = z.object({ request: z.custom<IncomingMessage>(), response: z.custom<ServerResponse>() })

/** Asks for a path and reads nothing yet; the server's side of the answer, too. */
async function askFor(
  { stack }: World,
  method: string,
  path: string,
): Promise<{ socket: Socket; response: ServerResponse }> {
  const { promise, resolve } = Promise.withResolvers<ServerResponse>()
  const hear = (message: unknown) => {
    const { request, response } = begun.parse(message)
    if (request.url === path) resolve(response)
  }
  subscribe('http.server.request.start', hear)
  onTestFinished(() => void unsubscribe('http.server.request.start', hear))
  const { hostname, port } = new URL(stack.url)
  const socket = connect(Number(port), hostname).pause()
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  socket.write(`${method} ${path} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`)
  return { socket, response: await promise }
}

describe.each(ways)('a download by %s', (_, method, link) => {
  test('is ended when its client takes nothing any more', async ({ world }) => {
    const { response } = await askFor(world, method, await link(world))
    await once(response, 'close')
    expect([response.statusCode, response.headersSent, response.writableFinished]).toEqual([200, true, false])
  })

  test('goes on as long as its client takes a little now and then', async ({ world }) => {
    const { socket, response } = await askFor(world, method, await link(world))
    let [taken, since] = [0, 0]
    for await (const chunk of socket) {
      taken += chunk.length
      since += chunk.length
      if (since < size / 8) continue
      since = 0
      await pause(400)
    }
    expect(response.writableFinished).toBe(true)
    expect(taken).toBeGreaterThan(size)
  })
})
