import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { compileCache } from '../support/compile-cache.ts'
import type { TestStack } from '../support/stack.ts'

const entry = fileURLToPath(new URL('../../src/server.ts', import.meta.url))

/** API or worker as a process of its own, which can be killed at any line and is started again. */
export interface Killable {
  kill(): Promise<void>
  close(): Promise<void>
  kills: number
}

export async function startKillable(stack: TestStack, variables: Record<string, string>): Promise<Killable> {
  let child = start(stack, variables)
  const service: Killable = {
    kills: 0,
    kill: async () => {
      service.kills += 1
      await end(child, 'SIGKILL')
      child = start(stack, variables)
    },
    close: () => end(child, 'SIGTERM'),
  }
  await delay(0)
  return service
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}

function start({ connections }: TestStack, variables: Record<string, string>): ChildProcess {
  const { database, supabase, engine } = connections
  const account = 'email' in engine.account ? engine.account : { email: '', password: '' }
  const environment = {
    PATH: '/usr/bin:/bin',
    DATABASE_URL: database.apiUrl,
    WORKER_DATABASE_URL: database.workerUrl,
    SCOPE_KEY: database.scopeKey.toString('hex'),
    SUPABASE_URL: supabase.url,
    SUPABASE_PUBLISHABLE_KEY: supabase.publishableKey,
    SUPABASE_SECRET_KEY: supabase.secretKey,
    AUTH_ISSUER: supabase.issuer,
    AUTH_JWKS_URL: supabase.jwksUrl,
    ACTIVEPIECES_URL: engine.url,
    ACTIVEPIECES_EMAIL: account.email,
    ACTIVEPIECES_PASSWORD: account.password,
    ACTIVEPIECES_WEBHOOK_SECRET: engine.webhookSecret,
    REQUESTS_PER_MINUTE_PER_ADDRESS: '1000000',
    REQUESTS_PER_MINUTE_PER_USER: '1000000',
    MAX_EVENT_LOOP_DELAY_MS: '0',
    LOG_LEVEL: 'silent',
    ...variables,
  }
  return spawn(process.execPath, [entry], { env: { ...compileCache, ...environment }, stdio: 'ignore' })
}
