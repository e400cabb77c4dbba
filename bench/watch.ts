import { type ChildProcess, fork } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import pg from 'pg'
import { openDatabase } from '../src/db/client.ts'
import { type Bench, type BenchPerson, claimsOf, onStack, openCompany, report, signUp } from './support.ts'
import type { WatchOrder, WatchOutcome } from './watch-client.ts'

const crowds = [1, 50]
const callbacks = 1000
/** As on a server that has run for a while: these come first and are not counted. */
const warmUps = 200
/** One run may not send more than 600 callbacks a minute. */
const callbacksPerRun = 200

/**
 * From the moment a flow sends a message to the moment each watcher of the company has it, over HTTP; sender and watchers are a
 * process of their own. The next message goes out when all have the one before. Beside it, the least that does such a thing
 * (`floor-watch.ts`) and round trips to the database: bare, with a row that is committed to disk, and read for a caller under the
 * row policies.
 */
await onStack({ ROLE: 'api' }, async (bench) => {
  const person = await signUp(bench, 'watch')
  const { companyId, studioId } = await openCompany(person, 1)
  const owner = new pg.Client({ connectionString: bench.connections.database.ownerUrl })
  await owner.connect()
  const floor = fork(new URL('floor-watch.ts', import.meta.url), [bench.connections.database.ownerUrl ?? ''])
  const [floorUrl] = await once(floor, 'message')
  for (const watchers of crowds) {
    const runs = await startRuns(person, studioId, owner)
    const order = { url: bench.url, token: person.token, companyId, watchers, warmUps, messages: messagesOf(runs) }
    const ours = await ask(order)
    const least = await ask({ ...order, url: String(floorUrl) })
    reportLatencies(watchers, { ours, least }, await tripsOf(bench, person))
  }
  floor.kill()
  await owner.end()
})
process.exit()

function messagesOf(runs: BenchRun[]) {
  return runs.flatMap((run, index) =>
    Array.from({ length: callbacksPerRun }, (_, n) => ({ ...run, text: `message ${index * callbacksPerRun + n} ` })),
  )
}

function reportLatencies(
  watchers: number,
  outcomes: Record<string, WatchOutcome>,
  trips: Record<string, number[]>,
): void {
  const rows = Object.entries(outcomes).flatMap(([way, { answered, arrived }]) =>
    [0.5, 0.99].map((share) => ({
      way,
      quantile: share,
      'answered ms': ms(quantile(answered, share)),
      'arrived ms': ms(quantile(arrived, share)),
      ...Object.fromEntries(
        Object.entries(trips).flatMap(([name, times]) =>
          [share, 0.5].map((at) => [
            `of ${name} trips (${ms(quantile(times, at))} ms at ${at})`,
            (quantile(arrived, share) / quantile(times, at)).toFixed(1),
          ]),
        ),
      ),
    })),
  )
  report(`${callbacks} callbacks to ${watchers} watchers; goal: 5 trips at 0.99`, rows)
}

async function ask(order: WatchOrder): Promise<WatchOutcome> {
  const client: ChildProcess = fork(new URL('watch-client.ts', import.meta.url))
  await once(client, 'message')
  const answered = once(client, 'message')
  client.send(order)
  const [{ error, ...outcome }] = await answered
  client.kill()
  if (error) throw new Error(error)
  return outcome
}

/** Round trips to the database: as it is, with a row committed to disk, and as one read for a caller. */
async function tripsOf(
  { connections: { database } }: Bench,
  { token }: BenchPerson,
): Promise<Record<string, number[]>> {
  const pool = new pg.Pool({ connectionString: database.ownerUrl, max: 10 })
  const options = { maxConnections: 10, onConnectionError: () => undefined }
  const scoped = openDatabase({ ...options, url: database.apiUrl, scopeKey: database.scopeKey })
  const scope = scoped.scope(claimsOf(token), { id: 'bench', ip: '127.0.0.1', agent: 'bench' })
  await pool.query('create table if not exists trips (n integer)')
  try {
    return {
      bare: await roundTrips(() => pool.query('select 1')),
      committed: await roundTrips(() => pool.query('insert into trips values (1)')),
      scoped: await roundTrips(() => scope.read((tx) => tx.execute('select app.user_id()'))),
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
  for (let n = 0; n < (callbacks + warmUps) / callbacksPerRun; n += 1) {
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

async function roundTrips(work: () => Promise<unknown>): Promise<number[]> {
  const trips: number[] = []
  for (let n = 0; n < callbacks; n += 1) {
    const startedAt = performance.now()
    await work()
    trips.push(performance.now() - startedAt)
  }
  return trips
}

function quantile(values: number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? Number.NaN
}

function ms(value: number): number {
  return Math.round(value * 100) / 100
}
