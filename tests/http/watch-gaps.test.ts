import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { sorted } from '../routers/lists.ts'
import { startReplica } from '../support/replica.ts'
import { ownerOf, runUnderWay, settled, test, workplace, writeEvents } from '../support/resting.ts'
import type { Person, World } from '../support/world.ts'
import { type LiveFrame, messagesOf, openLive, until } from './live.ts'

interface Watched {
  person: Person
  companyId: string
  /** The address to watch at next; a watcher is cut off and sent on from one to the other. */
  hosts: () => string
  /** After how many events each connection is cut, one after the other; then it stays. */
  cuts: number[]
}

/** Watches until `last` is said, reconnecting whenever it is cut off, as an EventSource does. */
async function watchThrough({ person, companyId, hosts, cuts }: Watched, last: string, onBegin: () => void) {
  const seen: LiveFrame[] = []
  const rest = [...cuts]
  while (seen.at(-1)?.data.message !== last) {
    const url = `${hosts()}/api/v1/companies/${companyId}/executions/watch`
    const stream = await openLive(url, person, seen.at(-1)?.id).catch(() => undefined)
    const most = rest.shift() ?? Number.POSITIVE_INFINITY
    for (let count = 0; stream && count < most; count += 1) {
      const frame = await stream.next()
      if (!frame) break
      seen.push(frame)
      onBegin()
      if (frame.data.message === last) break
    }
    stream?.leave()
  }
  return seen
}

/** A place as the database orders it. */
function placeOf({ id = '' }: LiveFrame): [bigint, bigint] {
  const [transaction = '0', event = '0'] = id.split('-')
  return [BigInt(transaction), BigInt(event)]
}

function isInOrder(frames: LiveFrame[]): boolean {
  const places = frames.map(placeOf)
  return places.every(([transaction, event], n) => {
    const [before, eventBefore] = places[n - 1] ?? [-1n, -1n]
    return transaction > before || (transaction === before && event >= eventBefore)
  })
}

describe('a watcher that is cut off again and again', () => {
  const writers = 4
  const round = fc.record({
    commits: fc.shuffledSubarray([0, 1, 2, 3], { minLength: writers, maxLength: writers }),
    each: fc.integer({ min: 1, max: 3 }),
  })

  test('gets every event once and in order, whatever commits first and whichever host answers', async ({ world }) => {
    const place = await workplace(world)
    const replica = await startReplica(world.stack)
    const clients = await Promise.all(Array.from({ length: writers }, () => ownerOf(world)))
    const runs = await Promise.all(clients.map(() => runUnderWay(world, place)))
    await settled(world)
    const rounds = fc.array(round, { minLength: 1, maxLength: 6 })
    const cuts = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 10 })
    let turn = 0
    let mixes = 0
    await fc.assert(
      fc.asyncProperty(rounds, cuts, async (all, cutAfter) => {
        mixes += 1
        const hosts = () => [world.stack.url, replica.url][turn++ % 2] ?? ''
        const begun = Promise.withResolvers<void>()
        const watched = { person: place.company.viewer, companyId: place.companyId, hosts, cuts: cutAfter }
        const watching = watchThrough(watched, `end ${mixes}`, begun.resolve)
        await begun.promise
        const written: string[] = []
        for (const [n, { commits, each }] of all.entries()) {
          for (const [writer, client] of clients.entries()) {
            const messages = Array.from({ length: each }, (_, m) => `${mixes} ${n} ${writer} ${m}`)
            await client.query('begin')
            await writeEvents(client, runs[writer]?.executionId ?? '', messages)
            written.push(...messages)
          }
          for (const writer of commits) await clients[writer]?.query('commit')
        }
        await writeEvents(world.stack.owner, runs[0]?.executionId ?? '', [`end ${mixes}`])
        const seen = await watching
        expect(sorted(messagesOf(seen).map(String))).toEqual(sorted([...written, `end ${mixes}`]))
        expect(isInOrder(seen)).toBe(true)
      }),
      { numRuns: 10 },
    )
    await replica.close()
  })

  test('goes on where it was when the server has been restarted', async ({ world }) => {
    const place = await workplace(world)
    const { executionId } = await runUnderWay(world, place)
    await settled(world)
    const begun = Promise.withResolvers<void>()
    const watched = { person: place.company.viewer, companyId: place.companyId, hosts: () => world.stack.url, cuts: [] }
    const watching = watchThrough(watched, 'end', begun.resolve)
    await begun.promise
    await writeEvents(world.stack.owner, executionId, ['before'])
    await world.stack.closeService()
    await writeEvents(world.stack.owner, executionId, ['meanwhile'])
    await world.stack.restart()
    await writeEvents(world.stack.owner, executionId, ['after', 'end'])
    expect(messagesOf(await watching)).toEqual(['before', 'meanwhile', 'after', 'end'])
  })

  test('of one run gets every event once and in order, also from writers at the same time', async ({ world }) => {
    const place = await workplace(world)
    const replica = await startReplica(world.stack)
    const { executionId } = await runUnderWay(world, place)
    const clients = await Promise.all(Array.from({ length: writers }, () => ownerOf(world)))
    const watching = watchRun([world.stack.url, replica.url], place.company.viewer, executionId)
    const messages = clients.map((_, writer) => Array.from({ length: 5 }, (__, n) => `${writer} ${n}`))
    await Promise.all(
      clients.map(async (client, writer) => {
        for (const message of messages[writer] ?? []) {
          await client.query('begin')
          await writeEvents(client, executionId, [message])
          await client.query('commit')
        }
      }),
    )
    await writeEvents(world.stack.owner, executionId, ['end'])
    const seen = await watching
    const logs = seen.filter(({ event }) => event === 'log')
    expect(sorted(messagesOf(logs).map(String))).toEqual(sorted([...messages.flat(), 'end']))
    expect(isInOrder(logs.map((frame) => ({ ...frame, id: `0-${frame.id}` })))).toBe(true)
    await replica.close()
  })

  test('of one run misses nothing that was written earlier and is there later', async ({ world }) => {
    const place = await workplace(world)
    const { executionId } = await runUnderWay(world, place)
    const [slow, quick] = [await ownerOf(world), await ownerOf(world)]
    const url = `${world.stack.url}/api/v1/executions/${executionId}/watch`
    const stream = await openLive(url, place.company.viewer)
    await slow.query('begin')
    await writeEvents(slow, executionId, ['earlier'])
    const { rows } = await quick.query<{ pid: number }>('select pg_backend_pid() as pid')
    let seen: LiveFrame[] = []
    const writing = writeEvents(quick, executionId, ['later']).then(() => 'written' as const)
    const raced = new AbortController()
    const first = await Promise.race([writing, held(world, rows[0]?.pid, raced.signal)])
    raced.abort()
    if (first === 'written') seen = await until(stream, ({ data }) => data.message === 'later')
    await slow.query('commit')
    await writing
    await writeEvents(world.stack.owner, executionId, ['end'])
    seen.push(...(await until(stream, ({ data }) => data.message === 'end')))
    stream.leave()
    expect(messagesOf(seen.filter(({ event }) => event === 'log'))).toEqual(['earlier', 'later', 'end'])
  })
})

/** Resolves once a connection waits for another's transaction. */
async function held({ stack }: World, pid: number | undefined, signal: AbortSignal): Promise<'held'> {
  const waits = `select from pg_stat_activity where pid = $1 and wait_event_type = 'Lock'`
  while (!signal.aborted && (await stack.owner.query(waits, [pid])).rowCount === 0);
  return 'held'
}

/** Watches a run until `end` is said, three events from one host, then three from the next. */
async function watchRun(hosts: string[], person: Person, executionId: string): Promise<LiveFrame[]> {
  const seen: LiveFrame[] = []
  for (let turn = 0; seen.at(-1)?.data.message !== 'end'; turn += 1) {
    const url = `${hosts[turn % hosts.length]}/api/v1/executions/${executionId}/watch`
    const stream = await openLive(url, person, seen.at(-1)?.id)
    for (let count = 0; count < 3 && seen.at(-1)?.data.message !== 'end'; count += 1) {
      const frame = await stream.next()
      if (frame) seen.push(frame)
    }
    stream.leave()
  }
  return seen
}
