import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { freePort } from '../src/embedded/postgres.ts'
import type { Order, Outcome } from './file-client.ts'
import { processorTimes } from './processor-time.ts'
import { type Bench, onStack, openCompany, report, signUp } from './support.ts'

const mega = 1024 * 1024
const rounds = Number(process.argv[2] ?? 5)
const sizes = [
  { bytes: mega, times: 60, atOnce: 4 },
  { bytes: 100 * mega, times: 2, atOnce: 1 },
]
type Way = Order['way']
const ways: Way[] = ['bare', 'bare, synced', 'floor', 'form', 'direct', 'bare download', 'download']

const peers = [
  {
    way: 'bare',
    does: 'streams a body to a file and back; no rights, rows, hashes, no second service, nothing survives a crash',
  },
  { way: 'bare, synced', does: 'the same, and the file and its folder are on the disk before the answer, as ours are' },
  {
    way: 'floor',
    does: 'two services, SHA-256, file and folder on the disk, two commits; no rights, form, type, quota, audit',
  },
]

/**
 * Uploads and downloads of 1 MB and of 100 MB, beside a bare Fastify route that streams to the disk and back; the ways take turns.
 * The API, the bare route, the storage and the client are processes of their own. Then: what an upload of 100 MB adds to the API's memory.
 */
await onStack({ ROLE: 'worker', AUTH_ACCESS_TOKEN_SECONDS: '7200' }, async (bench) => {
  const folder = mkdtempSync(join(tmpdir(), 'studios-bench-files-'))
  const [bare, client] = [start('bare-files.ts', folder), start('file-client.ts')]
  const [[bareUrl]] = await Promise.all([once(bare, 'message'), once(client, 'message')])
  const floor = await startFloor(bench, folder)
  const api = await startApi(bench)
  try {
    const order = await prepare({ ...bench, url: api.url })
    report('What is compared', peers)
    await reportMemory(api, client, order)
    const processes = await processesOf(
      { api: api.child, bare, floor: floor.front, 'its storage': floor.back, client },
      bench,
    )
    for (const size of sizes) {
      const place = { ...order, ...size }
      const figures = await measure(client, place, { api: api.url, bare: String(bareUrl), floor: floor.url }, processes)
      const what = `${size.bytes / mega} MB, ${size.atOnce} at once`
      report(`${what}: MB/s, median of ${rounds} rounds`, tableOf(figures))
      report(`${what}: processor time of a transfer by process, ms`, timesOf(figures, size.times))
    }
  } finally {
    for (const child of [bare, client, floor.front, floor.back, api.child]) child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
})
process.exit()

function start(file: string, ...args: string[]): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), args)
}

async function startFloor({ connections }: Bench, folder: string) {
  const { ownerUrl = '' } = connections.database
  await onDatabase(ownerUrl, 'create table bench_floor (id uuid primary key, checksum text)')
  const back = start('floor-files.ts', 'back', mkdtempSync(join(folder, 'floor-')))
  const [backUrl] = await once(back, 'message')
  const front = start('floor-files.ts', 'front', ownerUrl, String(backUrl))
  const [url] = await once(front, 'message')
  return { front, back, url: String(url) }
}

async function onDatabase(ownerUrl: string | undefined, statement: string) {
  const owner = new pg.Client({ connectionString: ownerUrl })
  await owner.connect()
  const { rows } = await owner.query(statement)
  await owner.end()
  return rows
}

async function startApi({ connections }: Bench) {
  const { database, supabase, engine } = connections
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const variables = {
    ...{ ROLE: 'api', PORT: String(port), LOG_LEVEL: 'error', MAX_EVENT_LOOP_DELAY_MS: '0' },
    ...{ REQUESTS_PER_MINUTE_PER_ADDRESS: '1000000', REQUESTS_PER_MINUTE_PER_USER: '1000000' },
    ...{
      DATABASE_URL: database.apiUrl,
      WORKER_DATABASE_URL: database.workerUrl,
      SCOPE_KEY: database.scopeKey.toString('hex'),
    },
    ...{
      SUPABASE_URL: supabase.url,
      SUPABASE_PUBLISHABLE_KEY: supabase.publishableKey,
      SUPABASE_SECRET_KEY: supabase.secretKey,
    },
    ...{ AUTH_ISSUER: supabase.issuer, AUTH_JWKS_URL: supabase.jwksUrl },
    ...{ ACTIVEPIECES_URL: engine.url, ACTIVEPIECES_WEBHOOK_SECRET: engine.webhookSecret },
    ...('email' in engine.account && {
      ACTIVEPIECES_EMAIL: engine.account.email,
      ACTIVEPIECES_PASSWORD: engine.account.password,
    }),
  }
  const entry = fileURLToPath(new URL('../src/server.ts', import.meta.url))
  const child = spawn(process.execPath, [entry], { env: variables, stdio: 'inherit' })
  while (!(await fetch(`${url}/health/live`).catch(() => undefined))) await new Promise((done) => setTimeout(done, 100))
  return { child, url }
}

type Place = Omit<Order, 'way' | 'bytes' | 'times' | 'atOnce'>

async function prepare(bench: Bench): Promise<Place> {
  const person = await signUp(bench, 'files')
  const { studioId } = await openCompany(person, 1)
  await onDatabase(bench.connections.database.ownerUrl, 'update plans set max_storage_bytes = 1000000000000')
  return { url: bench.url, token: person.token, studioId, file: '' }
}

interface Figures {
  speeds: number[]
  /** Milliseconds of all rounds, by process. */
  times: Record<string, number>
}

async function processesOf(children: Record<string, ChildProcess>, { connections }: Bench) {
  const statement = `select split_part(pg_read_file('postmaster.pid'), E'\n', 1)::integer as pid`
  const rows = await onDatabase(connections.database.ownerUrl, statement)
  const pids = Object.entries(children).map(([name, { pid }]) => [name, Number(pid)])
  return { ...Object.fromEntries(pids), storage: process.pid, postgres: Number(rows[0]?.pid) }
}

async function measure(
  client: ChildProcess,
  order: Omit<Order, 'way'>,
  urls: { api: string; bare: string; floor: string },
  processes: Record<string, number>,
) {
  const figures = new Map<Way, Figures>(ways.map((way) => [way, { speeds: [], times: {} }]))
  const { file = '' } = await ask(client, { ...order, way: 'form', times: 1, url: urls.api })
  for (let round = 0; round <= rounds; round += 1)
    for (const [way, { speeds, times }] of figures) {
      const url = way.startsWith('bare') ? urls.bare : way === 'floor' ? urls.floor : urls.api
      const before = processorTimes(processes, ['postgres'])
      const { speed } = await ask(client, { ...order, way, url, file })
      const after = processorTimes(processes, ['postgres'])
      // The first round warms up.
      if (round === 0) continue
      speeds.push(speed)
      for (const name of Object.keys(processes))
        times[name] = (times[name] ?? 0) + (after[name] ?? 0) - (before[name] ?? 0)
    }
  return figures
}

async function ask(client: ChildProcess, order: Order): Promise<Outcome> {
  const answered = once(client, 'message')
  client.send(order)
  const [{ error, ...outcome }] = await answered
  if (error) throw new Error(error)
  return outcome
}

function tableOf(figures: Map<Way, Figures>) {
  const median = (way: Way) => figures.get(way)?.speeds.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0
  return ways.map((way) => {
    const peers: Way[] = way.includes('download') ? ['bare download'] : ['bare', 'bare, synced', 'floor']
    const ratios = peers.map((peer) => [`of ${peer}`, (median(way) / median(peer)).toFixed(2)])
    return {
      way,
      'MB/s': (median(way) / mega).toFixed(0),
      ...Object.fromEntries(way.startsWith('bare') ? [] : ratios.filter(([name]) => name !== `of ${way}`)),
    }
  })
}

function timesOf(figures: Map<Way, Figures>, transfers: number) {
  return [...figures].map(([way, { times }]) => {
    const each = Object.entries(times).map(([name, sum]) => [name, (sum / rounds / transfers).toFixed(1)])
    const all = Object.values(times).reduce((sum, one) => sum + one, 0)
    return { way, all: (all / rounds / transfers).toFixed(1), ...Object.fromEntries(each) }
  })
}

/** Largest resident memory of the API during an upload, less what it had before. */
async function reportMemory({ child, url }: { child: ChildProcess; url: string }, client: ChildProcess, order: Place) {
  const upload = (bytes: number) => ask(client, { ...order, way: 'form', bytes, times: 1, atOnce: 1, url })
  await upload(mega)
  const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) * 1024
  const before = memory()
  let most = before
  const sampling = setInterval(() => {
    most = Math.max(most, memory())
  }, 5)
  await upload(100 * mega).finally(() => clearInterval(sampling))
  const inMega = (bytes: number) => (bytes / mega).toFixed(1)
  report('Memory of the API during an upload of 100 MB', [
    { 'before, MB': inMega(before), 'most, MB': inMega(most), 'more, MB': inMega(most - before) },
  ])
}
