import type { Environment } from './config.ts'
import type { ActivePiecesOptions } from './engine/activepieces.ts'
import type { EngineAccount } from './engine/session.ts'

/** Where everything is that the service needs, whether embedded or connected; nothing here tells which. */
export interface Connections {
  database: { apiUrl: string; workerUrl: string; ownerUrl: string | undefined; scopeKey: Buffer }
  supabase: {
    url: string
    publishableKey: string
    secretKey: string
    issuer: string
    jwksUrl: string
    jwtSecret: string | undefined
  }
  engine: ActivePiecesOptions
}

/** Services that the environment names; what is undefined has to be embedded. */
export function namedConnections(env: Environment): Partial<Connections> {
  return { ...databaseOf(env), ...supabaseOf(env), ...engineOf(env) }
}

function databaseOf(env: Environment): Pick<Connections, 'database'> | undefined {
  if (!env.DATABASE_URL || !env.WORKER_DATABASE_URL || !env.SCOPE_KEY) return undefined
  const scopeKey = Buffer.from(env.SCOPE_KEY, 'hex')
  return {
    database: {
      apiUrl: env.DATABASE_URL,
      workerUrl: env.WORKER_DATABASE_URL,
      ownerUrl: env.OWNER_DATABASE_URL,
      scopeKey,
    },
  }
}

function supabaseOf(env: Environment): Pick<Connections, 'supabase'> | undefined {
  if (!env.SUPABASE_URL || !env.SUPABASE_PUBLISHABLE_KEY || !env.SUPABASE_SECRET_KEY) return undefined
  const issuer = env.AUTH_ISSUER ?? `${env.SUPABASE_URL}/auth/v1`
  return {
    supabase: {
      url: env.SUPABASE_URL,
      publishableKey: env.SUPABASE_PUBLISHABLE_KEY,
      secretKey: env.SUPABASE_SECRET_KEY,
      issuer,
      jwksUrl: env.AUTH_JWKS_URL ?? `${env.SUPABASE_URL}/auth/v1/.well-known/jwks.json`,
      jwtSecret: env.AUTH_JWT_SECRET,
    },
  }
}

function engineOf(env: Environment): Pick<Connections, 'engine'> | undefined {
  if (!env.ACTIVEPIECES_URL || !env.ACTIVEPIECES_WEBHOOK_SECRET) return undefined
  return {
    engine: { url: env.ACTIVEPIECES_URL, account: accountOf(env), webhookSecret: env.ACTIVEPIECES_WEBHOOK_SECRET },
  }
}

function accountOf(env: Environment): EngineAccount {
  const { ACTIVEPIECES_API_KEY: apiKey, ACTIVEPIECES_PROJECT_ID: projectId } = env
  if (apiKey && projectId) return { apiKey, projectId }
  return { email: env.ACTIVEPIECES_EMAIL ?? '', password: env.ACTIVEPIECES_PASSWORD ?? '', projectId }
}
