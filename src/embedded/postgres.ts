import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { isAlive } from './lock.ts'
import { type Account, reachableBinaries, reachableDataDir, serviceAccount } from './postgres-place.ts'

/** A PostgreSQL server that belongs to this process and ends with it. */
export interface EmbeddedPostgres {
  readonly host: string
  readonly port: number
  /** Where the cluster lives; differs from the folder asked for only when that folder is closed to the server's account. */
  readonly dataDir: string
  url(database: string, user?: string, password?: string): string
  close(): Promise<void>
}

export interface PostgresOptions {
  dataDir: string
  /** Password of the superuser `postgres`; kept by the caller. */
  password: string
  /** 0 takes a free port. */
  port?: number
  settings?: Record<string, string>
}

const host = '127.0.0.1'

// The shell outlives a killed parent just long enough to stop the server: its end of the pipe closes with us.
const guardScript = `
exec 3<&0
"$@" </dev/null &
server=$!
( cat <&3 >/dev/null; kill -INT $server 2>/dev/null ) &
guard=$!
wait $server
code=$?
kill $guard 2>/dev/null
exit $code`

export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const account = serviceAccount()
  const binDir = reachableBinaries(account)
  const dataDir = reachableDataDir(options.dataDir, account)
  if (!existsSync(join(dataDir, 'PG_VERSION'))) createCluster(binDir, dataDir, options.password, account)
  await waitForPreviousServer(dataDir)
  const port = options.port || (await freePort())
  const server = launch(binDir, dataDir, port, options.settings ?? {}, account)
  const url = (database: string, user = 'postgres', password = options.password) =>
    `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${database}`
  await waitUntilReady(url('postgres'), server, join(dataDir, 'server.log'))
  return { host, port, dataDir, url, close: () => stop(server) }
}

/** A port nobody listens on at the moment of asking. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer()
    probe.once('error', fail)
    probe.listen(0, host, () => {
      const address = probe.address()
      probe.close(() => (address && typeof address === 'object' ? done(address.port) : fail(new Error('no free port'))))
    })
  })
}

function createCluster(binDir: string, dataDir: string, password: string, account: Account): void {
  const passwordFile = join(tmpdir(), `studios-${randomBytes(8).toString('hex')}`)
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
  if (account.uid !== undefined) chownSync(passwordFile, account.uid, account.gid ?? account.uid)
  const args = ['-D', dataDir, '-U', 'postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8']
  const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '--no-sync']
  try {
    emptyFolder(dataDir)
    const run = spawnSync(join(binDir, 'initdb'), [...args, ...locale], { ...account, cwd: '/', encoding: 'utf8' })
    if (run.status !== 0)
      throw new Error(`PostgreSQL could not create its data folder ${dataDir}: ${run.stderr || run.error}`)
  } finally {
    rmSync(passwordFile, { force: true })
  }
}

// initdb refuses the remains of an interrupted first start.
function emptyFolder(folder: string): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true })
}

function launch(binDir: string, dataDir: string, port: number, settings: Record<string, string>, account: Account) {
  const fixed = { listen_addresses: host, port: String(port), unix_socket_directories: '', ...settings }
  const flags = Object.entries(fixed).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const log = openSync(join(dataDir, 'server.log'), 'w', 0o600)
  try {
    const command = ['-c', guardScript, 'guard', join(binDir, 'postgres'), '-D', dataDir, ...flags]
    // A group of its own: Ctrl-C in the terminal reaches us first, so that we close our connections before it stops.
    return spawn('sh', command, { ...account, cwd: '/', detached: true, stdio: ['pipe', log, log] })
  } finally {
    closeSync(log)
  }
}

async function waitForPreviousServer(dataDir: string): Promise<void> {
  const pidFile = join(dataDir, 'postmaster.pid')
  for (let waitedMs = 0; existsSync(pidFile); waitedMs += 50) {
    const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10)
    if (!isAlive(pid)) return
    if (waitedMs > 20_000)
      throw new Error(`The data in ${dataDir} is in use by process ${pid}; stop it, then start again.`)
    await delay(50)
  }
}

async function waitUntilReady(url: string, server: ChildProcess, logFile: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < 60_000; waitedMs += 40) {
    if (server.exitCode !== null) break
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 })
    const isReady = await client.connect().then(
      () => true,
      () => false,
    )
    await client.end().catch(() => undefined)
    if (isReady) return
    await delay(40)
  }
  server.stdin?.end()
  throw new Error(`PostgreSQL did not start: ${readFileSync(logFile, 'utf8').trim().split('\n').slice(-3).join(' ')}`)
}

function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve()
  return new Promise((done) => {
    server.once('exit', () => done())
    server.stdin?.end()
  })
}
