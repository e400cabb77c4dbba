import { join } from 'node:path'
import fastify, { type FastifyInstance } from 'fastify'
import type { Auth } from './auth/context.ts'
import { createMailer } from './auth/mailer.ts'
import { createPasswordHasher } from './auth/passwords.ts'
import { registerAuth } from './auth/server.ts'
import { type AuthSettings, defaultAuthSettings } from './auth/settings.ts'
import { Throttle } from './auth/throttle.ts'
import { allowOrigins } from './cors.ts'
import { openDatabase } from './database.ts'
import { guardWithApiKey } from './gateway.ts'
import { type KeyRing, loadKeyRing } from './key-ring.ts'
import type { SupabaseKeys } from './keys.ts'
import type { Logger } from './logger.ts'
import type { Storage } from './storage/context.ts'
import { openStorage } from './storage/open.ts'
import { registerStorage } from './storage/server.ts'
import type { StorageSettings } from './storage/settings.ts'

export { type AuthSettings, defaultAuthSettings, type SmtpSettings } from './auth/settings.ts'
export { bootstrapSupabase, withVaultKey } from './bootstrap.ts'
export { createLegacyKey, createSupabaseKeys, type SupabaseKeys } from './keys.ts'
export type { Logger } from './logger.ts'

export interface SupabaseOptions {
  /** A bootstrapped database, as a role that is or may become `supabase_auth_admin`. */
  databaseUrl: string
  /** The same database as a role that is or may become `supabase_storage_admin` and each of the request roles. */
  storageDatabaseUrl: string
  /** Mail goes to `<dataDir>/mail` when there is no SMTP server, objects to `<dataDir>/storage`. */
  dataDir: string
  keys: SupabaseKeys
  settings?: Partial<AuthSettings>
  storageSettings?: Partial<StorageSettings>
  host?: string
  /** 0, the default, takes a free port. */
  port?: number
  /** Address under which browsers and mails reach this server, when it is not the one it listens on. */
  publicUrl?: string
  logger?: Logger
  /** Milliseconds since 1970. */
  now?(): number
}

export interface EmbeddedSupabase {
  readonly url: string
  readonly publishableKey: string
  readonly secretKey: string
  readonly issuer: string
  readonly jwksUrl: string
  close(): Promise<void>
}

const silent: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** Starts what supabase-js speaks to: the gateway with Auth and Storage, in one HTTP server. */
export async function startSupabase(options: SupabaseOptions): Promise<EmbeddedSupabase> {
  const { keys, host = '127.0.0.1', port = 0, now = Date.now } = options
  const ring = await loadKeyRing(keys)
  const address = { url: '' }
  const folder = join(options.dataDir, 'storage')
  const storage = await createStorage(options, ring, address)
  const auth = createAuth(options, ring, address)
  const app = createServer()
  endLateBodies(app)
  app.addHook('onClose', async () => {
    await auth.mailer.close()
    await auth.db.close()
    await storage.db.close()
  })
  allowOrigins(app)
  await guardWithApiKey(app, { keys, ring, now })
  await app.register(async (scope) => registerAuth(scope, auth), { prefix: '/auth/v1' })
  await app.register(async (scope) => registerStorage(scope, storage, folder), { prefix: '/storage/v1' })
  app.setNotFoundHandler((_, reply) => reply.code(404).send({ message: 'no Route matched with those values' }))
  const listening = await listen(app, host, port)
  address.url = (options.publicUrl ?? listening).replace(/\/+$/, '')
  const { publishableKey, secretKey } = keys
  const { issuer } = auth
  const jwksUrl = `${issuer}/.well-known/jwks.json`
  return { url: address.url, publishableKey, secretKey, issuer, jwksUrl, close: () => app.close() }
}

function createAuth(options: SupabaseOptions, keys: KeyRing, address: { url: string }): Auth {
  const { now = Date.now, logger: log = silent } = options
  const settings = { ...defaultAuthSettings, ...options.settings }
  return {
    db: openDatabase(options.databaseUrl, 'supabase_auth_admin', (error) =>
      log.warn({ reason: error.message }, 'a connection of Auth ended'),
    ),
    settings,
    keys,
    mailer: createMailer({ settings, folder: join(options.dataDir, 'mail'), log }),
    passwords: createPasswordHasher(settings.argon2),
    throttle: new Throttle(settings, now),
    log,
    now,
    get issuer() {
      return `${address.url}/auth/v1`
    },
  }
}

function createStorage(options: SupabaseOptions, keys: KeyRing, address: { url: string }): Promise<Storage> {
  const { now = Date.now, logger: log = silent } = options
  return openStorage({
    databaseUrl: options.storageDatabaseUrl,
    folder: join(options.dataDir, 'storage'),
    keys,
    secretKey: options.keys.secretKey,
    settings: options.storageSettings,
    log,
    now,
    address,
  })
}

function createServer(): FastifyInstance {
  return fastify({
    bodyLimit: 1_048_576,
    handlerTimeout: 10_000,
    // A large object takes its time; a connection on which nothing moves is ended.
    requestTimeout: 0,
    connectionTimeout: 60_000,
    http: { headersTimeout: 10_000 },
    forceCloseConnections: 'idle',
    // A HEAD by a mail scanner must not use a link up.
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 200 },
  })
}

/** Once a request has its answer, what is left of its body is thrown away, and must come soon or not at all. */
function endLateBodies(app: FastifyInstance): void {
  app.addHook('onResponse', async ({ raw }) => {
    if (raw.complete || raw.destroyed) return
    raw.unpipe()
    raw.resume()
    const patience = setTimeout(() => raw.destroy(), 10_000).unref()
    raw.once('close', () => clearTimeout(patience))
  })
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port })
  } catch (error) {
    await app.close()
    throw error
  }
}
