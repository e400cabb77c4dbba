import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { describe, expect, onTestFinished } from 'vitest'
import { startWorker } from '../../src/worker/worker.ts'
import { plainEnvelope } from '../support/flows.ts'
import { test } from '../support/resting.ts'
import { readyToRun, runToEnd } from '../support/runs.ts'
import { workerContext } from '../support/worker.ts'

/** The way to a database on which the connection breaks, once, after a statement that holds this text and before its answer. */
async function lossyWay(database: string, text: string) {
  const target = new URL(database)
  const port = Number(target.port)
  const way = { url: '', lost: 0 }
  const server = createServer((client) => {
    const upstream = connect(port, target.hostname)
    let isMarked = false
    client.on('data', (chunk) => {
      isMarked ||= way.lost === 0 && chunk.includes(text)
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      if (!isMarked) return void client.write(chunk)
      way.lost += 1
      client.destroy()
      upstream.destroy()
    })
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      socket.on('error', () => other.destroy()).on('close', () => other.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  target.port = String((server.address() as AddressInfo).port)
  way.url = target.href
  return way
}

describe('a run whose claim was answered to nobody', () => {
  test('is followed all the same by the worker that holds it', async ({ world }) => {
    const { person, start } = await readyToRun(world, { code: `export const code = async () => ${plainEnvelope()}` })
    const executionId = await start()
    const way = await lossyWay(world.stack.connections.database.workerUrl, 'app.claim_runs')
    const context = workerContext(world.stack)
    const settings = { ...context.settings, leaseMs: 1500 }
    const worker = await startWorker({ ...context, settings, databaseUrl: way.url })
    onTestFinished(() => worker.close())
    expect(await runToEnd(person, executionId)).toMatchObject({ status: 'succeeded', retryCount: 0 })
    expect(way.lost).toBe(1)
  })
})
