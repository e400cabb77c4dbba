import { createHash, randomBytes } from 'node:crypto'
import pg from 'pg'
import { openDatabase } from '../src/db/client.ts'
import { type Bench, type BenchPerson, claimsOf, onStack, openCompany, report, signUp } from './support.ts'

const crowds = [1, 50]
const callbacks = 1000
/** One run may not send more than 600 callbacks a minute. */
const callbacksPerRun = 200

/**
 * From the moment a flow sends a message to the moment each watcher of the company has it, over HTTP, with server and watchers
 * in one process. The next message goes out when all have the one before. Beside it round trips to the database, made the same
 * way: bare, with a row that is committed to disk, and read for a caller under the row policies.
 */
await onStack({ ROLE: 'api' }, async (bench) => {
  const person = await signUp(bench, 'watch')
  const { companyId, studioId } = await openCompany(person, 1)
  const owner = new pg.Client({ connectionString: bench.connections.database.ownerUrl })
  await owner.connect()
  for (const watchers of crowds) await measure(bench, person, { companyId, studioId, owner, watchers })
  await owner.end()
})
process.exit()

interface Place {
  companyId: string
  studioId: string
  owner: pg.Client
  watchers: number
}

async function measure(bench: Bench, person: BenchPerson, { companyId, studioId, owner, watchers }: Place) {
  const runs = await startRuns(person, studioId, owner)
  const hall = await openWatchers(bench, person, companyId, watchers)
  const latencies: number[] = []
  const answers: number[] = []
  for (let n = 0; n < callbacks; n += 1) {
    const run = runs[Math.floor(n / callbacksPerRun)]
    if (!run) throw new Error('there are too few runs')
    const arrivals = hall.expect(`message ${n} `)
    const sentAt = performance.now()
    await tell(bench, run, `message ${n} `)
    answers.push(performance.now() - sentAt)
    for (const at of await arrivals) latencies.push(at - sentAt)
  }
  hall.close()
  await owner.query('create table if not exists trips (n integer)')
  const trips = await roundTrips(bench, person)
  const units = Object.entries(trips).map(([name, trip]) => `${name} ${ms(trip)} ms`)
  report(`${callbacks} callbacks to ${watchers} watchers; round trips through a pool: ${units.join(', ')}`, [
    { quantile: 0.5, 'callback answered ms': ms(quantile(answers, 0.5)) },
    ...[0.5, 0.99].map((share) => {
      const latency = quantile(latencies, share)
      const inTrips = Object.entries(trips).map(([name, trip]) => [`${name} trips`, (latency / trip).toFixed(1)])
      return { quantile: share, ms: ms(latency), ...Object.fromEntries(inTrips) }
    }),
  ])
}

/** Medians of one round trip to the database: as it is, with a row committed to disk, and as one read for a caller. */
async function roundTrips(
  { connections: { database } }: Bench,
  { token }: BenchPerson,
): Promise<Record<string, number>> {
  const pool = new pg.Pool({ connectionString: database.ownerUrl, max: 10 })
  const options = { maxConnections: 10, onConnectionError: () => undefined }
  const scoped = openDatabase({ ...options, url: database.apiUrl, scopeKey: database.scopeKey })
  const scope = scoped.scope(claimsOf(token), { id: 'bench', ip: '127.0.0.1', agent: 'bench' })
  await pool.query('create table if not exists trips (n integer)')
  try {
    return {
      bare: await roundTrip(() => pool.query('select 1')),
      committed: await roundTrip(() => pool.query('insert into trips values (1)')),
      scoped: await roundTrip(() => scope.read((tx) => tx.execute('select app.user_id()'))),
    }
  } finally {
    await pool.end()
    await scoped.close()
  }
}

interface BenchRun {
  executionId: string
  secret: string
}

/** Runs that the engine is taken to have, each with the secret of its attempt. */
async function startRuns({ api }: BenchPerson, studioId: string, owner: pg.Client): Promise<BenchRun[]> {
  const { id: templateId, sampleInput } = await api.catalog.byId.query({ templateId: 'deal-pipeline-analysis' })
  const runs: BenchRun[] = []
  for (let n = 0; n < callbacks / callbacksPerRun; n += 1) {
    const { execution } = await api.executions.start.mutate({ studioId, templateId, input: sampleInput })
    const secret = randomBytes(16).toString('hex')
    await owner.query(`update workflow_executions set status = 'running', started_at = now() where id = $1`, [
      execution.id,
    ])
    await owner.query(
      `insert into execution_attempts (company_id, execution_id, studio_id, number, origin, callback_secret_hash)
       select company_id, id, studio_id, 1, 1, $2 from workflow_executions where id = $1`,
      [execution.id, createHash('sha256').update(secret).digest('hex')],
    )
    runs.push({ executionId: execution.id, secret })
  }
  return runs
}

async function tell({ url }: Bench, { executionId, secret }: BenchRun, message: string): Promise<void> {
  const response = await fetch(`${url}/callbacks/activepieces/${executionId}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ id: message, type: 'log', message }),
  })
  if (!response.ok) throw new Error(`the callback was answered ${response.status}: ${await response.text()}`)
  await response.arrayBuffer()
}

/** Watchers that have all begun; `expect` gives when each of them got a message. */
async function openWatchers({ url }: Bench, { token }: BenchPerson, companyId: string, watchers: number) {
  const gone = new AbortController()
  let heard: (text: string, watcher: number) => void = () => undefined
  const open = async (watcher: number) => {
    const response = await fetch(`${url}/api/v1/companies/${companyId}/executions/watch`, {
      headers: { authorization: `Bearer ${token}` },
      signal: gone.signal,
    })
    const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader()
    await reader.read()
    const listen = async () => {
      for (let part = await reader.read(); !part.done; part = await reader.read()) heard(part.value, watcher)
    }
    listen().catch(() => undefined)
  }
  await Promise.all(Array.from({ length: watchers }, (_, watcher) => open(watcher)))
  return {
    close: () => gone.abort(),
    expect: (message: string) =>
      new Promise<number[]>((done) => {
        const arrivals = new Map<number, number>()
        heard = (text, watcher) => {
          if (!text.includes(message) || arrivals.has(watcher)) return
          arrivals.set(watcher, performance.now())
          if (arrivals.size === watchers) done([...arrivals.values()])
        }
      }),
  }
}

async function roundTrip(work: () => Promise<unknown>): Promise<number> {
  const trips: number[] = []
  for (let n = 0; n < 500; n += 1) {
    const startedAt = performance.now()
    await work()
    trips.push(performance.now() - startedAt)
  }
  return quantile(trips, 0.5)
}

function quantile(values: number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? Number.NaN
}

function ms(value: number): number {
  return Math.round(value * 100) / 100
}
