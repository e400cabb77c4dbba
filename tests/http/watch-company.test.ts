import { createClient } from '@supabase/supabase-js'
import { describe, expect } from 'vitest'
import { addWorkflows } from '../routers/own-workflows.ts'
import { endRun, ownerOf, runUnderWay, settled, test, workplace, writeEvents } from '../support/resting.ts'
import type { Person, World } from '../support/world.ts'
import { send } from './calls.ts'
import { type LiveFrame, messagesOf, openLive, until } from './live.ts'

const says = (message: string) => (frame: LiveFrame) => frame.data.message === message
const isPosition = ({ event }: LiveFrame) => event === 'position'

function pathOf(companyId: string, query: Record<string, string> = {}): string {
  return `/api/v1/companies/${companyId}/executions/watch?${new URLSearchParams(query)}`
}

/** A watch that has begun: what happens from now on is in it. */
async function begin(world: World, person: Person, companyId: string, query: Record<string, string> = {}) {
  await settled(world)
  const stream = await openLive(`${world.stack.url}${pathOf(companyId, query)}`, person)
  const [position] = await until(stream, isPosition)
  return { stream, position: position?.id ?? '' }
}

describe('watching a company', () => {
  test('shows what happens in all its runs from now on, each thing once', async ({ world }) => {
    const place = await workplace(world)
    const { owner } = world.stack
    const [first, second] = [await runUnderWay(world, place), await runUnderWay(world, place)]
    await writeEvents(owner, first.executionId, ['before'])
    const { stream } = await begin(world, place.company.viewer, place.companyId)
    await writeEvents(owner, first.executionId, ['one', 'two'])
    await writeEvents(owner, second.executionId, ['three'])
    await endRun(world, first.executionId)
    await writeEvents(owner, second.executionId, ['last'])
    const seen = await until(stream, says('last'))
    stream.leave()
    expect(messagesOf(seen)).toEqual(['one', 'two', 'three', 'The run has finished; its result is ready.', 'last'])
    expect(seen[0]?.data).toMatchObject({ executionId: first.executionId, studioId: place.studioId, type: 'log' })
  })

  test('begins at a position that somebody cut off at once resumes from', async ({ world }) => {
    const place = await workplace(world)
    const { executionId } = await runUnderWay(world, place)
    const { stream, position } = await begin(world, place.company.viewer, place.companyId)
    stream.leave()
    await writeEvents(world.stack.owner, executionId, ['missed', 'too'])
    const again = await openLive(`${world.stack.url}${pathOf(place.companyId)}`, place.company.viewer, position)
    expect(messagesOf(await until(again, says('too')))).toEqual(['missed', 'too'])
    again.leave()
  })

  test('goes through tRPC with the same ids', async ({ world }) => {
    const place = await workplace(world)
    const { executionId } = await runUnderWay(world, place)
    await settled(world)
    const seen: { id: string; data: { type: string } }[] = []
    await new Promise<void>((done, fail) => {
      const watching = place.company.viewer.api.executions.watchCompany.subscribe(
        { companyId: place.companyId },
        {
          onData: (item) => {
            seen.push(item)
            if (item.data.type === 'position') writeEvents(world.stack.owner, executionId, ['one']).catch(fail)
            else done(watching.unsubscribe())
          },
          onError: fail,
        },
      )
    })
    expect(seen.map(({ data }) => data.type)).toEqual(['position', 'log'])
    const [position, event] = seen
    const resumed = await openLive(`${world.stack.url}${pathOf(place.companyId)}`, place.company.viewer, position?.id)
    const [frame] = await until(resumed, says('one'))
    resumed.leave()
    expect([frame?.id, frame?.data]).toEqual([event?.id, event?.data])
  })

  test('shows only what was asked for', async ({ world }) => {
    const place = await workplace(world)
    const { companyId, company } = place
    const { owner } = world.stack
    const { id: studioId } = await world.studio(company.admin, companyId)
    const [templateId = ''] = await addWorkflows(owner, companyId, [{}])
    const here = await runUnderWay(world, place)
    const there = await runUnderWay(world, { ...place, studioId, templateId })
    const asked: [Record<string, string>, string[]][] = [
      [{ studioId: place.studioId }, ['half way', 'here']],
      [{ executionId: here.executionId }, ['half way', 'here']],
      [{ templateId: place.templateId }, ['half way', 'here']],
      [{ types: 'log,insight', studioId: place.studioId }, ['here']],
      [{ types: 'log' }, ['there', 'here']],
      [{ templateId }, ['there', 'the end']],
    ]
    const watches = await Promise.all(asked.map(([query]) => begin(world, company.viewer, companyId, query)))
    await writeEvents(owner, there.executionId, ['there'])
    await writeEvents(owner, here.executionId, ['half way'], 'progress')
    await writeEvents(owner, here.executionId, ['here'])
    await writeEvents(owner, there.executionId, ['the end'])
    const seen = await Promise.all(
      watches.map(async ({ stream }, n) => messagesOf(await until(stream, says(asked[n]?.[1].at(-1) ?? '')))),
    )
    expect(seen).toEqual(asked.map(([, messages]) => messages))
    for (const { stream } of watches) stream.leave()
  })

  test('answers a wrong call with a plain error and no stream', async ({ world }) => {
    const { company, companyId } = await workplace(world)
    const { accessToken: token } = company.viewer
    for (const lastEventId of ['last', '12', '-1-1', '1-', `${'9'.repeat(20)}-1`, `1-${'9'.repeat(16)}`]) {
      const bad = await send(world.stack, pathOf(companyId), { token, headers: { 'last-event-id': lastEventId } })
      expect(bad).toMatchObject({ status: 400, body: { issues: [{ path: 'lastEventId' }] } })
    }
    const ahead = { 'last-event-id': `${'9'.repeat(19)}-1` }
    const refused = await send(world.stack, pathOf(companyId), { token, headers: ahead })
    expect(refused).toMatchObject({ status: 400, body: { issues: [{ path: 'lastEventId' }] } })
    const gossip = await send(world.stack, pathOf(companyId, { types: 'log,gossip' }), { token })
    expect(gossip).toMatchObject({ status: 400, body: { issues: [{ path: 'types.1' }] } })
    expect((await send(world.stack, pathOf(companyId))).status).toBe(401)
  })
})

describe('who may watch a company', () => {
  test('nobody from another company', async ({ world }) => {
    const [mine, theirs] = await Promise.all([workplace(world), workplace(world)])
    const [here, there] = [await runUnderWay(world, mine), await runUnderWay(world, theirs)]
    const path = pathOf(theirs.companyId)
    const refused = await send(world.stack, path, { token: mine.company.admin.accessToken })
    expect(refused).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
    const { stream } = await begin(world, mine.company.admin, mine.companyId)
    await writeEvents(world.stack.owner, there.executionId, ['theirs'])
    await writeEvents(world.stack.owner, here.executionId, ['ours'])
    expect(messagesOf(await until(stream, says('ours')))).toEqual(['ours'])
    stream.leave()
  })

  test('not those who may not enter a studio, for that studio', async ({ world }) => {
    const place = await workplace(world)
    const { admin, member } = place.company
    const closed = await world.studio(admin, place.companyId, { access: 'restricted' })
    const [open, hidden] = [
      await runUnderWay(world, place),
      await runUnderWay(world, { ...place, studioId: closed.id }),
    ]
    const watches = await Promise.all([admin, member].map((person) => begin(world, person, place.companyId)))
    await writeEvents(world.stack.owner, hidden.executionId, ['secret'])
    await writeEvents(world.stack.owner, open.executionId, ['public'])
    const seen = await Promise.all(watches.map(async ({ stream }) => messagesOf(await until(stream, says('public')))))
    expect(seen).toEqual([['secret', 'public'], ['public']])
    for (const { stream } of watches) stream.leave()
  })

  test('not somebody whose membership has ended; their stream ends with it', async ({ world }) => {
    const place = await workplace(world)
    const { executionId } = await runUnderWay(world, place)
    const { stream } = await begin(world, place.company.member, place.companyId)
    const staying = await begin(world, place.company.viewer, place.companyId)
    const { companyId, company } = place
    await company.admin.api.companies.members.revoke.mutate({ companyId, userId: company.member.userId })
    expect(await stream.next()).toMatchObject({ event: 'error', data: { code: 'NOT_FOUND' } })
    expect(await stream.next()).toBeUndefined()
    await writeEvents(world.stack.owner, executionId, ['after'])
    expect(messagesOf(await until(staying.stream, says('after')))).toEqual(['after'])
    staying.stream.leave()
  })

  test('not somebody who has signed out', async ({ world }) => {
    const place = await workplace(world)
    const { executionId } = await runUnderWay(world, place)
    const { stream } = await begin(world, place.company.member, place.companyId)
    const { url, secretKey } = world.stack.supabase
    const { auth } = createClient(url, secretKey, { auth: { persistSession: false } })
    await auth.admin.signOut(place.company.member.accessToken, 'global')
    await writeEvents(world.stack.owner, executionId, ['after'])
    expect(await stream.next()).toMatchObject({ event: 'error', data: { code: 'UNAUTHORIZED' } })
  })

  test('is told nothing of a transaction that was taken back', async ({ world }) => {
    const place = await workplace(world)
    const [first, second] = [await runUnderWay(world, place), await runUnderWay(world, place)]
    const { stream } = await begin(world, place.company.viewer, place.companyId)
    const writer = await ownerOf(world)
    await writer.query('begin')
    await writeEvents(writer, first.executionId, ['taken back'])
    await writeEvents(world.stack.owner, second.executionId, ['waits for the older one'])
    await writer.query('rollback')
    const seen = await until(stream, says('waits for the older one'))
    expect(messagesOf(seen)).toEqual(['waits for the older one'])
    stream.leave()
  })
})
