import { describe, expect } from 'vitest'
import { pipeline } from '../routers/pipeline-runs.ts'
import { watch } from '../routers/watching.ts'
import { test } from '../support/world.ts'
import { send } from './calls.ts'

/** The frames of a stream of server-sent events, comments left out. */
function framesOf(body: unknown) {
  return String(body)
    .split('\n\n')
    .filter((frame) => frame.startsWith('id: '))
    .map((frame) => {
      const [, id = '', event = '', data = ''] = frame.match(/^id: (\d+)\nevent: (\w+)\ndata: (.*)$/) ?? []
      return { id, event, data: JSON.parse(data) as unknown }
    })
}

describe('watching a run with curl', () => {
  test('streams the same events as tRPC, up to the end of the run', async ({ world }) => {
    const { company, start } = await pipeline(world)
    const { executionId } = await start()
    const [rest, trpc] = await Promise.all([
      send(world.stack, `/api/v1/executions/${executionId}/watch`, { token: company.viewer.accessToken }),
      watch(company.viewer, executionId),
    ])
    expect(rest.status).toBe(200)
    expect(rest.headers.get('content-type')).toContain('text/event-stream')
    expect(rest.headers.get('cache-control')).toContain('no-cache')
    const frames = framesOf(rest.body)
    expect(frames.map(({ data }) => data)).toEqual(trpc)
    expect(frames.map(({ id, event }) => [id, event])).toEqual(trpc.map(({ id, type }) => [String(id), type]))
  })

  test('resumes after Last-Event-ID without gap or repeat', async ({ world }) => {
    const { company, start } = await pipeline(world)
    const { executionId } = await start()
    const all = await watch(company.viewer, executionId)
    for (const place of [0, 2, all.length - 1]) {
      const { body } = await send(world.stack, `/api/v1/executions/${executionId}/watch`, {
        token: company.viewer.accessToken,
        headers: { 'last-event-id': String(all[place]?.id) },
      })
      expect(framesOf(body).map(({ data }) => data)).toEqual(all.slice(place + 1))
    }
  })

  test('answers a wrong call with a plain error and no stream', async ({ world }) => {
    const [{ start, company }, stranger] = await Promise.all([pipeline(world), world.signUp()])
    const { executionId } = await start()
    const path = `/api/v1/executions/${executionId}/watch`
    const { accessToken: token } = company.viewer
    expect(await send(world.stack, path)).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } })
    const unseen = await send(world.stack, path, { token: stranger.accessToken })
    expect(unseen).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
    for (const id of ['last', '-1', '9'.repeat(19)]) {
      const bad = await send(world.stack, path, { token, headers: { 'last-event-id': id } })
      expect(bad).toMatchObject({ status: 400, body: { issues: [{ path: 'lastEventId' }] } })
    }
    const nonsense = await send(world.stack, '/api/v1/executions/mine/watch', { token })
    expect(nonsense).toMatchObject({ status: 400, body: { issues: [{ path: 'executionId' }] } })
  })
})
