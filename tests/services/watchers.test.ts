import { decodeJwt } from 'jose'
import { describe, expect, onTestFinished } from 'vitest'
import { type Bells, openBells } from '../../src/bells.ts'
import { openDatabase } from '../../src/db/client.ts'
import { companyEngines } from '../../src/engine/company-engines.ts'
import type { ServiceContext } from '../../src/services/context.ts'
import { type TrackedItem, watchCompany } from '../../src/services/workflows/watch-company.ts'
import { supabaseStorage } from '../../src/storage/supabase-storage.ts'
import { runUnderWay, settled, test, workplace, writeEvents } from '../support/resting.ts'
import type { Person, World } from '../support/world.ts'

/** What a process has for its watchers, as the API opens it; `reads` counts its looks at the database. */
async function openProcess({ stack }: World) {
  const { apiUrl, scopeKey } = stack.connections.database
  const { supabase } = stack.connections
  const onConnectionError = () => undefined
  const database = openDatabase({ url: apiUrl, maxConnections: 4, scopeKey, onConnectionError })
  const bells: Bells = await openBells(apiUrl, onConnectionError)
  onTestFinished(async () => {
    await bells.close()
    await database.close()
  })
  const counts = { reads: 0 }
  const contextOf = ({ userId, email, accessToken }: Person): ServiceContext => {
    const { session_id, exp = 0 } = decodeJwt<{ session_id: string }>(accessToken)
    const caller = { userId, email, sessionId: session_id, expiresAt: exp }
    const scope = database.scope(caller, { id: 'test', ip: '192.0.2.1', agent: 'test' })
    const read: ServiceContext['read'] = (work) => {
      counts.reads += 1
      return scope.read(work)
    }
    const transaction: ServiceContext['transaction'] = (work) => scope.transaction(work)
    return {
      caller,
      requestId: 'test',
      publicUrl: stack.url,
      read,
      write: scope.write,
      transaction,
      vouched: transaction,
      vouchedEnd: scope.write,
      takeBack: transaction,
      objects: supabaseStorage(supabase).as(accessToken, userId),
      uploads: supabaseStorage(supabase).own,
      links: supabaseStorage(supabase).own,
      companyEngines: companyEngines({ allowPrivate: false }),
      bell: bells.bell,
      ring: bells.ring,
    }
  }
  return { contextOf, counts }
}

async function takeMessages(items: AsyncGenerator<TrackedItem>, count: number): Promise<string[]> {
  const messages: string[] = []
  while (messages.length < count) {
    const { value } = await items.next()
    if (value && 'message' in value.item) messages.push(value.item.message)
  }
  return messages
}

describe('watchers of a company', () => {
  test('share one listening connection, a thousand of them, and each gets each event once', async ({ world }) => {
    const place = await workplace(world)
    const { executionId } = await runUnderWay(world, place)
    await world.stack.closeService()
    onTestFinished(() => world.stack.restart())
    await settled(world)
    const { contextOf } = await openProcess(world)
    const gone = new AbortController()
    const ctx = contextOf(place.company.viewer)
    const watches = Array.from({ length: 1000 }, () =>
      watchCompany(ctx, { companyId: place.companyId }, { signal: gone.signal }),
    )
    const begun = await Promise.all(watches.map((items) => items.next()))
    expect(new Set(begun.map(({ value }) => value?.item.type))).toEqual(new Set(['position']))
    const received = Promise.all(watches.map((items) => takeMessages(items, 2)))
    await writeEvents(world.stack.owner, executionId, ['one', 'two'])
    expect(new Set((await received).map((messages) => messages.join()))).toEqual(new Set(['one,two']))
    const { rows } = await world.stack.owner.query<{ listening: number }>(
      `select count(*)::int as listening from pg_stat_activity
       where datname = current_database() and application_name = 'studios-listen'`,
    )
    expect(rows).toEqual([{ listening: 1 }])
    gone.abort()
    expect(new Set((await Promise.all(watches.map((items) => items.next()))).map(({ done }) => done))).toEqual(
      new Set([true]),
    )
  })

  test('are looked at again when nothing happens, and let go once they have lost access', async ({ world }) => {
    const place = await workplace(world)
    await settled(world)
    const { contextOf } = await openProcess(world)
    const pace = { signal: new AbortController().signal, recheckMs: 20 }
    const items = watchCompany(contextOf(place.company.member), { companyId: place.companyId }, pace)
    await items.next()
    await world.stack.owner.query('delete from auth.sessions where user_id = $1', [place.company.member.userId])
    const drained = (async () => {
      while (!(await items.next()).done);
    })()
    await expect(drained).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  })

  test('who take their time have nothing piled up for them', async ({ world }) => {
    const place = await workplace(world)
    const { executionId } = await runUnderWay(world, place)
    await settled(world)
    const { contextOf, counts } = await openProcess(world)
    const { signal } = new AbortController()
    const items = watchCompany(contextOf(place.company.viewer), { companyId: place.companyId }, { signal })
    await items.next()
    const messages = Array.from({ length: 450 }, (_, n) => `${n}`)
    await writeEvents(world.stack.owner, executionId, messages)
    await settled(world)
    const before = counts.reads
    expect(await takeMessages(items, 150)).toEqual(messages.slice(0, 150))
    expect(counts.reads - before).toBeLessThanOrEqual(3)
    expect(await takeMessages(items, 300)).toEqual(messages.slice(150))
    await items.return(undefined)
  })
})
