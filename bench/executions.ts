import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import autocannon from 'autocannon'
import fastify from 'fastify'
import pg from 'pg'
import { type Bench, type BenchPerson, keepApart, onStack, openCompany, report, signUp } from './support.ts'

const connections = 20
const seconds = 6
const rounds = 3

const small =
  'opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\nA1,Ann,GTX,Acme,Won,2017-01-01,2017-02-01,100'
const whole = gunzipSync(
  readFileSync(new URL('../tests/catalog/fixtures/sales-pipeline.csv.gz', import.meta.url)),
).toString()

/** Runs of one workflow on inputs of three sizes, as many as take a second or two. */
const loads = [
  { name: 'one deal', data: small, runs: 200 },
  { name: 'a thousand deals', data: whole.split('\n').slice(0, 1001).join('\n'), runs: 60 },
  { name: 'the whole CRM export (8,800 deals)', data: whole, runs: 12 },
]
/** Short and many, in turn: what else the machine does falls on both sides alike. */
const completionRounds = 6
const pollMs = 50

interface Place {
  person: BenchPerson
  companyId: string
  studioId: string
  templateId: string
  /** Hears what a bare flow tells of its end. */
  callbackUrl: string
}

let session: { token: string; projectId: string } | undefined

/**
 * Accepted starts beside a bare INSERT of the same row, alone and behind a bare Fastify route, and completed runs beside the bare engine doing the same work, which tells
 * its results to nobody or, as the flow's last step does in ours, to a route: on cores that all share, and with the engine on a core of its own, as it would be on a
 * machine of its own.
 */
await onStack({ DATABASE_CONNECTIONS: '20', ENGINE_MAX_RUNS: '16' }, async (bench) => {
  const person = await signUp(bench, 'executions')
  const company = await openCompany(person, 1)
  const { id: templateId } = await person.api.catalog.byId.query({ templateId: 'deal-pipeline-analysis' })
  const listener = fastify({ bodyLimit: 64 * 1024 * 1024 })
  listener.post('/', () => ({ accepted: 1 }))
  const callbackUrl = await listener.listen({ host: '127.0.0.1', port: 0 })
  const place = { person, ...company, templateId, callbackUrl }
  const owner = new pg.Client({ connectionString: bench.connections.database.ownerUrl })
  await owner.connect()
  await owner.query('update plans set max_executions_per_month = 100000000, max_concurrent_executions = 16')
  for (const isApart of [false, true]) {
    if (!keepApart(bench, isApart)) break
    const name = isApart ? 'the engine on a core of its own' : 'cores shared'
    for (const load of loads) await compareCompletions(bench, owner, place, { ...load, name: `${load.name}, ${name}` })
  }
  keepApart(bench, false)
  await compareStarts(bench, owner, place)
  await owner.end()
  await listener.close()
})
process.exit()

async function compareCompletions(bench: Bench, owner: pg.Client, place: Place, load: (typeof loads)[number]) {
  const sides = {
    'bare engine': () => runBare(bench, owner, place, { ...load, isTold: false }),
    'bare engine, telling its result': () => runBare(bench, owner, place, { ...load, isTold: true }),
    ours: () => runOurs(owner, place, load),
  }
  const rounds: Record<keyof typeof sides, number>[] = []
  for (let round = 1; round <= completionRounds; round += 1) {
    const entries: [string, number][] = []
    for (const [name, run] of Object.entries(sides)) entries.push([name, await secondsOf(run)])
    rounds.push(Object.fromEntries(entries) as (typeof rounds)[number])
  }
  const total = (name: keyof typeof sides) => rounds.reduce((sum, round) => sum + round[name], 0)
  const names = Object.keys(sides) as (keyof typeof sides)[]
  report(`completed runs, ${load.name}`, [
    ...names.map((name) => ({
      name,
      '/s': ((completionRounds * load.runs) / total(name)).toFixed(1),
      'ours to it': (total(name) / total('ours')).toFixed(2),
      'in each round': rounds.map((round) => (round[name] / round.ours).toFixed(2)).join(' '),
    })),
    { goal: 'at least 0.9' },
  ])
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return (performance.now() - startedAt) / 1000
}

async function runBare(
  bench: Bench,
  owner: pg.Client,
  { templateId, callbackUrl }: Place,
  load: (typeof loads)[number] & { isTold: boolean },
) {
  const { engine } = bench.connections
  const { rows } = await owner.query('select activepieces_flow_id as id from workflow_templates where id = $1', [
    templateId,
  ])
  const headers = { 'content-type': 'application/json', 'x-studios-engine-secret': engine.webhookSecret }
  const since = new Date().toISOString()
  await inLanes(load.runs, async (n) => {
    const execution = { id: `bare-${n}`, attempt: 1 }
    const callback = load.isTold ? { url: callbackUrl, token: 'bare' } : undefined
    const body = JSON.stringify({
      execution,
      correlationId: `bare-${n}`,
      input: { data: load.data },
      files: [],
      callback,
    })
    const answer = await fetch(`${engine.url}/api/v1/webhooks/${rows[0].id}`, { method: 'POST', headers, body })
    if (answer.status !== 200) throw new Error(`the engine answered ${answer.status}`)
  })
  while ((await finished(bench, since)) < load.runs) await delay(pollMs)
}

/** Runs that the engine has finished, of those that began since. */
async function finished({ connections: { engine } }: Bench, since: string): Promise<number> {
  const api = `${engine.url}/api/v1`
  if (!session) {
    const body = JSON.stringify(engine.account)
    const headers = { 'content-type': 'application/json' }
    session = (await (await fetch(`${api}/authentication/sign-in`, { method: 'POST', headers, body })).json()) as never
  }
  const headers = { authorization: `Bearer ${session?.token}` }
  const answer = await fetch(`${api}/flow-runs/count-by-status?projectId=${session?.projectId}&createdAfter=${since}`, {
    headers,
  })
  const { data } = (await answer.json()) as { data: { status: string; count: number }[] }
  return data.find(({ status }) => status === 'SUCCEEDED')?.count ?? 0
}

async function runOurs(owner: pg.Client, { person, studioId, templateId }: Place, load: (typeof loads)[number]) {
  const ended = async () => {
    const counted = `select count(*) filter (where status = 'succeeded')::int as done, count(*) filter (where status = 'failed')::int as failed
      from workflow_executions`
    const { rows } = await owner.query(counted)
    if (rows[0].failed > 0) throw new Error('a run failed')
    return rows[0].done as number
  }
  const before = await ended()
  await inLanes(load.runs, async () => {
    await person.api.executions.start.mutate({ studioId, templateId, input: { data: load.data } })
  })
  while ((await ended()) - before < load.runs) await delay(pollMs)
}

async function inLanes(count: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: 8 }, lane))
}

async function compareStarts(bench: Bench, owner: pg.Client, place: Place): Promise<void> {
  await owner.query('update plans set max_concurrent_executions = 0')
  await owner.query('create table bare_executions (like workflow_executions including all)')
  const pool = new pg.Pool({ connectionString: bench.connections.database.ownerUrl, max: connections })
  // As on a server that has run for more than a minute: until then PostgreSQL plans for empty tables.
  await acceptedStarts(bench, place, 2)
  await owner.query('analyze')
  const route = fastify()
  route.post('/', () => insertBare(pool, place))
  const routeUrl = await route.listen({ host: '127.0.0.1', port: 0 })
  const ratios: number[] = []
  for (let round = 1; round <= rounds; round += 1) {
    const bare = await bareInserts(pool, place)
    const behindRoute = await requestsPerSecond(routeUrl, place)
    const ours = await acceptedStarts(bench, place)
    ratios.push(ours / bare)
    const speeds = { 'bare INSERT': bare, 'the same behind a bare route': behindRoute, accepted: ours }
    report(
      `accepted starts, round ${round}`,
      Object.entries(speeds).map(([name, speed]) => ({
        name,
        '/s': Math.round(speed),
        ratio: (speed / bare).toFixed(2),
      })),
    )
  }
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length
  report('accepted starts', [{ 'mean ratio': mean.toFixed(2), goal: 'at least 0.25' }])
  await route.close()
  await pool.end()
}

async function insertBare(pool: pg.Pool, { companyId, studioId, templateId, person }: Place): Promise<{ id: string }> {
  const text = `insert into bare_executions (company_id, studio_id, template_id, template_version, user_id, input_data, input_hash)
    values ($1, $2, $3, '1.1.0', $4, $5, 'hash') returning id`
  const input = JSON.stringify({ data: small, topN: 50, dateOrder: 'auto' })
  const values = [companyId, studioId, templateId, person.userId, input]
  const { rows } = await pool.query({ name: 'bare', text, values })
  return { id: rows[0].id }
}

async function bareInserts(pool: pg.Pool, place: Place): Promise<number> {
  const until = performance.now() + seconds * 1000
  let done = 0
  const lane = async () => {
    while (performance.now() < until) {
      await insertBare(pool, place)
      done += 1
    }
  }
  await Promise.all(Array.from({ length: connections }, lane))
  return done / seconds
}

function acceptedStarts({ url }: Bench, place: Place, duration = seconds): Promise<number> {
  return requestsPerSecond(`${url}/trpc/executions.start`, place, duration)
}

async function requestsPerSecond(url: string, { person, studioId, templateId }: Place, duration = seconds) {
  const result = await autocannon({
    url,
    method: 'POST',
    headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ studioId, templateId, input: { data: small } }),
    connections,
    duration,
    // A thread of its own: clients do not share the server's.
    workers: 1,
  })
  if (result.non2xx + result.errors > 0) throw new Error(`${result.non2xx + result.errors} starts failed`)
  return result.requests.average
}
