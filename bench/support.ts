import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@supabase/supabase-js'
import { createStudiosClient, type StudiosClient } from '../src/client.ts'
import { type Environment, readEnvironment } from '../src/config.ts'
import { type Connections, namedConnections } from '../src/connections.ts'
import { openEngineAccount } from '../src/embedded/engine-account.ts'
import { freePort } from '../src/embedded/postgres.ts'
import { type EmbeddedStack, startStack } from '../src/embedded/stack.ts'
import { createLogger } from '../src/logger.ts'
import { publishFolders } from '../src/publishing.ts'
import { startService } from '../src/service.ts'

export interface Bench {
  url: string
  enginePid: number
  connections: Connections
  stack: EmbeddedStack
}

const engineAccount = { email: 'bench@example.com', password: 'Correct-Horse-Bench-1' }

/**
 * A stack with PostgreSQL's own durability settings and the engine in a process of its own, as it is in production, away
 * again afterwards; `variables` differ from the defaults.
 */
export async function onStack<T>(variables: Record<string, string>, work: (bench: Bench) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'studios-bench-'))
  // PostgreSQL may run as another account than ours, and its data go with the folder only if that account gets in.
  chmodSync(folder, 0o711)
  const limits = {
    REQUESTS_PER_MINUTE_PER_ADDRESS: '1000000',
    REQUESTS_PER_MINUTE_PER_USER: '1000000',
    MAX_EVENT_LOOP_DELAY_MS: '0',
  }
  const ports = { PORT: '0', EMBEDDED_SUPABASE_PORT: '0', EMBEDDED_ACTIVEPIECES_PORT: '0' }
  const engine = await startEngineProcess()
  const env: Environment = readEnvironment({
    ...limits,
    ...ports,
    ...engine.variables,
    DATA_DIR: folder,
    LOG_LEVEL: 'error',
    ...variables,
  })
  const logger = createLogger(env.LOG_LEVEL)
  const stack = await startStack({ env, logger })
  const connections = { ...namedConnections(env), ...stack.connections } as Connections
  await publishFolders(connections)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const service = await startService({ env, connections, logger, version: 'bench', publicUrl: url })
  await service.app?.listen({ host: '127.0.0.1', port })
  try {
    return await work({ url, enginePid: engine.pid, connections, stack })
  } finally {
    await service.close()
    await stack.close()
    engine.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Gives the engine a core of its own and everything else another, as on machines of their own; or all cores to all again. False
 * where that cannot be done.
 */
export function keepApart({ enginePid }: Bench, isApart: boolean): boolean {
  const all = `0-${availableParallelism() - 1}`
  const place = (pid: number, cores: string) =>
    spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)]).status === 0
  const others = descendants(process.pid).filter((pid) => pid !== enginePid)
  for (const pid of others) place(pid, isApart ? '0' : all)
  return place(enginePid, isApart ? '1' : all) && place(process.pid, isApart ? '0' : all)
}

/** Every process that this one or one of its own has started. */
function descendants(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
  const children = stdout.split('\n').map(Number).filter(Boolean)
  return children.flatMap((child) => [child, ...descendants(child)])
}

async function startEngineProcess() {
  const child = fork(new URL('engine.ts', import.meta.url))
  const [url] = await once(child, 'message')
  await openEngineAccount(url, engineAccount)
  return {
    variables: {
      ACTIVEPIECES_URL: url,
      ACTIVEPIECES_EMAIL: engineAccount.email,
      ACTIVEPIECES_PASSWORD: engineAccount.password,
      ACTIVEPIECES_WEBHOOK_SECRET: 'the-secret-of-the-bench',
    },
    pid: child.pid ?? 0,
    close: () => child.disconnect(),
  }
}

export interface BenchPerson {
  api: StudiosClient
  token: string
  userId: string
}

export async function signUp({ url, connections }: Bench, name: string): Promise<BenchPerson> {
  const { supabase } = connections
  const { auth } = createClient(supabase.url, supabase.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  })
  const { data, error } = await auth.signUp({ email: `${name}@example.com`, password: 'Correct-Horse-Bench-1' })
  if (error || !data.session) throw error ?? new Error('no session')
  const token = data.session.access_token
  return { token, userId: data.session.user.id, api: createStudiosClient({ url, accessToken: () => token }) }
}

/** A company with `studios` studios in it. */
export async function openCompany(
  person: BenchPerson,
  studios: number,
): Promise<{ companyId: string; studioId: string }> {
  const company = await person.api.companies.create.mutate({
    name: `Bench ${person.userId.slice(0, 8)}`,
    industryType: 'other',
    contactEmail: 'office@example.com',
    headquartersAddress: '1 Example Street, Sampleton',
  })
  const opened = await Promise.all(
    Array.from({ length: studios }, (_, index) =>
      person.api.studios.create.mutate({ companyId: company.id, name: `Studio ${index}`, businessArea: 'sales' }),
    ),
  )
  return { companyId: company.id, studioId: opened[0]?.id ?? '' }
}

export function claimsOf(token: string): { userId: string; sessionId: string; expiresAt: number } {
  const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  return { userId: payload.sub, sessionId: payload.session_id, expiresAt: payload.exp }
}

export function report(title: string, rows: Record<string, string | number>[]): void {
  process.stdout.write(`\n${title}\n`)
  for (const row of rows)
    process.stdout.write(
      `  ${Object.entries(row)
        .map(([name, value]) => `${name}: ${value}`)
        .join('   ')}\n`,
    )
}
