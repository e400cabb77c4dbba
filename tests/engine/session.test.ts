import { describe, expect, test } from 'vitest'
import { answers, type Behaviour, faultyEngine } from './support/faulty-server.ts'

const flowId = 'F'.repeat(21)
const runId = 'R'.repeat(21)
const projectId = 'P'.repeat(21)
const account = { email: 'ops@example.com', password: 'a word' }
const signIn = 'POST /api/v1/authentication/sign-in'
const flow = `GET /api/v1/flows/${flowId}`

/** An engine that gives a new token at each sign-in and takes only the newest, until `isGone` says otherwise. */
function engineWithTokens(options: { refusal?: Behaviour; isGone?: (token: string) => boolean } = {}) {
  let tokens = 0
  const behave: Behaviour = (request, response) => {
    if (request.url?.endsWith('/sign-in')) {
      if (options.refusal) return options.refusal(request, response)
      tokens += 1
      return answers(200, { token: `token-${tokens}`, projectId })(request, response)
    }
    const token = (request.headers.authorization ?? '').replace('Bearer ', '')
    const isTaken = token === `token-${tokens}` && !options.isGone?.(token)
    const body = { id: flowId, status: 'ENABLED' }
    return (isTaken ? answers(200, body) : answers(401, { code: 'INVALID_BEARER_TOKEN' }))(request, response)
  }
  return faultyEngine([behave], { account })
}

describe('an account at the engine', () => {
  test('signs in once for many calls, also when they come at once', async () => {
    const { engine, calls } = await engineWithTokens()
    await Promise.all([engine.isEnabled(flowId), engine.isEnabled(flowId), engine.isEnabled(flowId)])
    expect(await engine.isEnabled(flowId)).toBe(true)
    expect(calls).toEqual([signIn, flow, flow, flow, flow])
  })

  test('signs in again when its token is refused, and makes the call once more', async () => {
    const { engine, calls } = await engineWithTokens({ isGone: (token) => token === 'token-1' })
    expect(await engine.isEnabled(flowId)).toBe(true)
    expect(calls).toEqual([signIn, flow, signIn, flow])
  })

  test('signs in again once for all calls whose token was refused', async () => {
    const { engine, calls } = await engineWithTokens({ isGone: (token) => token === 'token-1' })
    await Promise.all([engine.isEnabled(flowId), engine.isEnabled(flowId), engine.isEnabled(flowId)])
    expect(calls.filter((call) => call === signIn)).toHaveLength(2)
  })

  test('that is refused changes nothing at the engine, is told as such, and is not tried again at once', async () => {
    const { engine, calls } = await engineWithTokens({ refusal: answers(401, { code: 'INVALID_CREDENTIALS' }) })
    expect(await engine.retry(runId)).toEqual({
      kind: 'unreachable',
      reason: 'the engine refused the account; check its e-mail address and its password',
    })
    await expect(engine.isEnabled(flowId)).rejects.toThrow('refused the account')
    expect(calls).toEqual([signIn])
  })

  test('is an API key where there is one, and then nobody signs in', async () => {
    const { engine, calls } = await faultyEngine([answers(200, { id: flowId, status: 'ENABLED' })])
    expect(await engine.isEnabled(flowId)).toBe(true)
    expect(calls).toEqual([flow])
  })
})
