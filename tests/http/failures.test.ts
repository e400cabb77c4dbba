import pg from 'pg'
import { describe, expect, inject, test } from 'vitest'
import { studiosError } from '../../src/client.ts'
import { send } from './calls.ts'
import { ownWorld } from './own-stack.ts'

const sql = /select|insert|update |from |relation|column|constraint|\$1|"\w+"\."\w+"|postgres|params/i

async function asSuperuser(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  await client.query(text).finally(() => client.end())
}

describe('a failure of ours', () => {
  test('tells nothing of the database and names the request to ask about', async () => {
    const world = await ownWorld()
    const { id: companyId, admin } = await world.company()
    await world.stack.owner.query('alter table studios rename column description to explanation')
    const input = { name: 'Secret Name', description: 'Secret text', businessArea: 'sales' } as const
    const calls = [
      send(world.stack, `/api/v1/companies/${companyId}/studios`, { token: admin.accessToken }),
      send(world.stack, `/api/v1/companies/${companyId}/studios`, {
        method: 'POST',
        token: admin.accessToken,
        body: input,
      }),
    ]
    for (const { status, body } of await Promise.all(calls)) {
      expect(status).toBe(500)
      expect(body).toMatchObject({ code: 'INTERNAL', issues: [], message: expect.stringContaining('request id') })
      expect(JSON.stringify(body)).not.toMatch(sql)
      const line = world.stack.logs.find((text) => text.includes(Object(body).requestId) && text.includes('"err"'))
      expect(line).toContain('description')
    }
    const trpc = await admin.api.studios.create.mutate({ companyId, ...input }).catch(studiosError)
    expect(trpc).toMatchObject({ code: 'INTERNAL', httpStatus: 500 })
    expect(JSON.stringify(trpc)).not.toMatch(sql)
    expect(world.stack.logs.join('\n')).not.toContain('Secret')
  })

  test('leaves nothing half written', async () => {
    const world = await ownWorld()
    const { id: companyId, admin } = await world.company()
    await world.stack.owner.query('alter table audit_logs rename to audit_logs_away')
    const before = await admin.api.companies.byId.query({ companyId })
    const change = admin.api.companies.update.mutate({ companyId, name: 'Half Written' }).catch(studiosError)
    expect(await change).toMatchObject({ code: 'INTERNAL' })
    expect(await admin.api.companies.byId.query({ companyId })).toEqual(before)
  })
})

describe('a database that is gone', () => {
  test('gives 503 on both sides and in the health report, and is asked again when it is back', async () => {
    const world = await ownWorld()
    const ana = await world.signUp()
    const name = new URL(world.stack.connections.database.apiUrl).pathname.slice(1)
    await asSuperuser(`alter database ${name} allow_connections false`)
    await world.stack.owner.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = '${name}' and usename in ('studios_api', 'studios_worker')`)
    const rest = await send(world.stack, '/api/v1/me', { token: ana.accessToken })
    expect(rest).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE', issues: [] } })
    expect(JSON.stringify(rest.body)).not.toContain(name)
    const trpc = await ana.api.me.update.mutate({ fullName: 'Nobody' }).catch(studiosError)
    expect(trpc).toMatchObject({ code: 'UNAVAILABLE', httpStatus: 503 })
    const health = await send(world.stack, '/health/ready')
    expect(health).toMatchObject({
      status: 503,
      body: { status: 'down', database: { state: 'down' }, engine: { state: 'up' } },
    })
    await asSuperuser(`alter database ${name} allow_connections true`)
    expect(await ana.api.me.profile.query()).toMatchObject({ id: ana.userId })
  })
})
