import { createClient } from '@supabase/supabase-js'
import { describe, expect, inject } from 'vitest'
import { z } from 'zod'
import { createLogger } from '../../src/logger.ts'
import { pipeline } from '../routers/pipeline-runs.ts'
import { refusal } from '../routers/refusal.ts'
import { watch } from '../routers/watching.ts'
import { test } from '../support/world.ts'
import { send } from './calls.ts'

const line = z.object({
  level: z.union([z.string(), z.number()]),
  time: z.union([z.string(), z.number()]),
  msg: z.string(),
})

describe('the log', () => {
  test('is JSON, a line for each call with its route, status, time and person', async ({ world }) => {
    const ana = await world.signUp()
    const id = `request-of-${ana.userId}`
    await send(world.stack, '/api/v1/me?token=in-the-address', {
      token: ana.accessToken,
      headers: { 'x-request-id': id },
    })
    const lines = world.stack.logs.map((text) => line.loose().parse(JSON.parse(text)))
    expect(lines.find((one) => one['reqId'] === id && one.msg === 'request')).toMatchObject({
      method: 'GET',
      route: '/api/v1/me',
      status: 200,
      ms: expect.any(Number),
      userId: ana.userId,
    })
  })

  test('holds no password, token, key or run input, whatever went right or wrong', async ({ world }) => {
    const { stack } = world
    const { company, start } = await pipeline(world)
    const { member } = company
    const input = `deal,stage\n${member.userId} private,Won\n`
    const { executionId } = await start({ data: input })
    await watch(member, executionId)
    const { auth } = createClient(stack.supabase.url, stack.supabase.publishableKey)
    const { data } = await auth.signInWithPassword(member)
    await auth.signInWithPassword({ ...member, password: 'Wrong-Password-1' })
    const token = member.accessToken
    const apikey = stack.supabase.secretKey
    await send(stack, '/api/v1/me', { token: `${token}x`, headers: { apikey, cookie: `session=${token}` } })
    await send(stack, `/api/v1/nowhere?apikey=${apikey}&access_token=${token}`, { token })
    await send(stack, '/api/v1/companies', { method: 'POST', token, body: `{"password":"${member.password}"` })
    await refusal(member.api.me.update.mutate({ fullName: `${member.password}\u0000` }))
    const template = inject('template')
    const secrets = [
      ...[company.admin, company.member, company.viewer].flatMap((person) => [person.password, person.accessToken]),
      ...[data.session?.access_token, data.session?.refresh_token, 'Wrong-Password-1', input, 'private,Won'],
      ...[apikey, stack.supabase.publishableKey, template.apiPassword, template.workerPassword, template.scopeKey],
      ...[template.vaultKey, template.engine.password, template.engine.webhookSecret],
      ...[template.supabaseKeys.legacyJwtSecret, ...template.supabaseKeys.signingKeys.map(({ d }) => d)],
    ]
    const told = stack.logs.join('\n')
    expect(told.length).toBeGreaterThan(1000)
    expect(secrets.filter((secret) => secret === undefined || secret.length < 10 || told.includes(secret))).toEqual([])
  })

  test('blots out what stands under the name of a secret, down to the third level', () => {
    const written: string[] = []
    const secret = 'open-sesame'
    const logger = createLogger('info', { write: (text: string) => void written.push(text) })
    logger.info({ password: secret, user: { token: secret }, request: { headers: { authorization: secret } } }, 'hello')
    logger.info({ config: { smtp: { password: secret } }, apikey: secret, name: 'visible' }, 'hello')
    expect(written.join('')).not.toContain(secret)
  })
})
