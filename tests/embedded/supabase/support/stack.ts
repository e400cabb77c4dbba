import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type Session, type SupabaseClient } from '@supabase/supabase-js'
import pg from 'pg'
import { inject } from 'vitest'
import { bootstrapSupabase } from '../../../../src/embedded/supabase/bootstrap.ts'
import {
  type AuthSettings,
  createSupabaseKeys,
  type EmbeddedSupabase,
  type Logger,
  type SupabaseKeys,
  startSupabase,
} from '../../../../src/embedded/supabase/index.ts'
import type { StorageSettings } from '../../../../src/embedded/supabase/storage/settings.ts'
import { createDatabase } from '../../../support/database.ts'
import { addressOf } from '../../../support/template.ts'
import { readMails, type SentMail } from './mails.ts'

export const password = 'right-horse-7-battery'
export const otherPassword = 'other-horse-8-battery'

const plenty = { requests: 100_000, perSeconds: 1, burst: 100_000 }

/** Cheap hashes, and no limit that a test does not ask for. */
const testSettings: Partial<AuthSettings> = {
  autoconfirm: true,
  siteUrl: 'http://site.test',
  redirectAllowList: ['http://app.test/**', 'http://*.preview.test/done'],
  argon2: { memoryKiB: 64, passes: 1, parallelism: 1 },
  rateLimits: { token: plenty, mail: plenty, verify: plenty, anonymous: plenty },
  signInFailures: { perAccount: 1000, perAddress: 1000, perSeconds: 300 },
  mailsPerHour: 100_000,
}

/** A Supabase of the test file's own, on a database of its own, with a clock that only the test moves. */
export class Stack {
  server: EmbeddedSupabase
  readonly keys: SupabaseKeys
  readonly sql: pg.Client
  readonly logged: string[]
  readonly dataDir: string
  readonly databaseUrl: string
  readonly #start: Start
  readonly #clock: { offsetMs: number }
  readonly #cleanUp: () => Promise<void>
  readonly #more: EmbeddedSupabase[] = []

  private constructor(parts: StackParts) {
    this.server = parts.server
    this.keys = parts.keys
    this.sql = parts.sql
    this.logged = parts.logged
    this.dataDir = parts.dataDir
    this.databaseUrl = parts.databaseUrl
    this.#start = parts.start
    this.#clock = parts.clock
    this.#cleanUp = parts.cleanUp
  }

  static async start(
    settings: Partial<AuthSettings> = {},
    storageSettings: Partial<StorageSettings> = {},
  ): Promise<Stack> {
    const [database, keys] = await Promise.all([createDatabase(), createSupabaseKeys()])
    await bootstrapSupabase(database.url, { vaultKey: randomBytes(32).toString('base64') })
    const dataDir = mkdtempSync(join(tmpdir(), 'studios-auth-'))
    const clock = { offsetMs: 0 }
    const logged: string[] = []
    const logger = recordingLogger(logged)
    const now = () => Date.now() + clock.offsetMs
    const start: Start = (more, port = 0) =>
      startSupabase({
        databaseUrl: database.url,
        storageDatabaseUrl: storageAddress(database.url),
        dataDir,
        keys,
        settings: { ...testSettings, ...settings, ...more },
        storageSettings,
        now,
        logger,
        port,
      })
    const server = await start({})
    const sql = new pg.Client({ connectionString: database.url })
    await sql.connect()
    const cleanUp = async () => {
      await sql.end()
      await database.drop()
      rmSync(dataDir, { recursive: true, force: true })
    }
    return new Stack({ server, keys, sql, logged, dataDir, databaseUrl: database.url, start, clock, cleanUp })
  }

  /** A further server on the same data that differs in some settings. */
  async another(settings: Partial<AuthSettings>): Promise<EmbeddedSupabase> {
    const server = await this.#start(settings)
    this.#more.push(server)
    return server
  }

  /** Ends the server; `work` finds its data alone; then it starts again at the same address. */
  async restart(work: () => unknown = () => undefined): Promise<void> {
    await this.server.close()
    await work()
    this.server = await this.#start({}, Number(new URL(this.server.url).port))
  }

  advance(seconds: number): void {
    this.#clock.offsetMs += seconds * 1000
  }

  now(): number {
    return Date.now() + this.#clock.offsetMs
  }

  client(server = this.server): SupabaseClient {
    return connect(server.url, server.publishableKey)
  }

  admin(server = this.server): SupabaseClient {
    return connect(server.url, server.secretKey)
  }

  /** A request as curl would make it, with the publishable key. */
  fetch(path: string, init: RequestInit & { json?: unknown; server?: EmbeddedSupabase } = {}): Promise<Response> {
    const { json, server = this.server, headers, ...rest } = init
    const body = json === undefined ? {} : { body: JSON.stringify(json), method: 'POST' }
    return fetch(`${server.url}/auth/v1${path}`, {
      redirect: 'manual',
      ...body,
      ...rest,
      headers: { apikey: server.publishableKey, ...Object.fromEntries(new Headers(headers)) },
    })
  }

  /** Somebody who has just signed up and in. */
  async person(email = someEmail()): Promise<Person> {
    const client = this.client()
    const { data, error } = await client.auth.signUp({ email, password })
    if (error || !data.session || !data.user) throw error ?? new Error('no session')
    return { email, id: data.user.id, client, session: data.session }
  }

  /** A further session of the same person. */
  async signIn(email: string, secret = password): Promise<Person> {
    const client = this.client()
    const { data, error } = await client.auth.signInWithPassword({ email, password: secret })
    if (error) throw error
    return { email, id: data.user.id, client, session: data.session }
  }

  async audit(actor: string): Promise<string[]> {
    const text = `select payload ->> 'action' as action from auth.audit_log_entries
      where payload ->> 'actor_id' = $1 or payload ->> 'actor_username' = $1 order by created_at, id`
    const found = await this.sql.query<{ action: string }>(text, [actor])
    return found.rows.map((row) => row.action)
  }

  /** Mails to an address, oldest first. */
  mails(to: string): SentMail[] {
    return readMails(join(this.dataDir, 'mail'), to)
  }

  lastMail(to: string): SentMail {
    const mail = this.mails(to).at(-1)
    if (!mail) throw new Error(`no mail to ${to}`)
    return mail
  }

  async stop(): Promise<void> {
    await Promise.all([this.server, ...this.#more].map((server) => server.close()))
    await this.#cleanUp()
  }
}

export interface Person {
  email: string
  id: string
  client: SupabaseClient
  session: Session
}

export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` }
}

type Start = (settings: Partial<AuthSettings>, port?: number) => Promise<EmbeddedSupabase>

interface StackParts {
  server: EmbeddedSupabase
  keys: SupabaseKeys
  sql: pg.Client
  logged: string[]
  dataDir: string
  databaseUrl: string
  start: Start
  clock: { offsetMs: number }
  cleanUp: () => Promise<void>
}

function recordingLogger(lines: string[]): Logger {
  const record = (details: object, message: string) => void lines.push(`${message} ${JSON.stringify(details)}`)
  return { info: record, warn: record, error: record }
}

function connect(url: string, key: string): SupabaseClient {
  return createClient(url, key, { auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false } })
}

export function someEmail(): string {
  return `ana.${randomUUID().slice(0, 12)}@example.com`
}

/** Under the real login role, whose password belongs to the cluster. */
export function storageAddress(databaseUrl: string): string {
  const template = inject('template')
  const database = new URL(databaseUrl).pathname.slice(1)
  return addressOf(template, database, 'supabase_storage_admin', template.storagePassword)
}
