import { z } from 'zod'

/** Thrown at the start with every fault of the environment, one a line. */
export class ConfigError extends Error {
  readonly faults: string[]

  constructor(faults: string[]) {
    super(`The configuration has faults:\n${faults.map((fault) => `  ${fault}`).join('\n')}`)
    this.name = 'ConfigError'
    this.faults = faults
  }
}

const flag = z.enum(['true', 'false']).transform((text) => text === 'true')
const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max)
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
)
const url = z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/+$/, ''))

const postgresUrl = z
  .url({ protocol: /^postgres(ql)?$/, error: 'must be an address such as postgres://user:password@host:5432/database' })
  .refine((text) => URL.parse(text)?.port !== '6543', {
    error:
      'points at a transaction-mode pooler (port 6543), which mixes up queries; use the direct or session-mode address (port 5432)',
  })

const signingKeys = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown
    } catch {
      context.addIssue('must be a JSON array of private JWKs')
      return z.NEVER
    }
  })
  .pipe(
    z.array(z.looseObject({ kty: z.enum(['EC', 'RSA']), kid: z.string().min(1), key_ops: z.array(z.string()) })).min(1),
  )

/** Every variable of the environment; `.env.example` explains each. */
export const environment = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: count(0, 65_535).default(3000),
  PUBLIC_URL: url.optional(),
  ROLE: z.enum(['all', 'api', 'worker']).default('all'),
  DATA_DIR: z.string().default('.data'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  CORS_ORIGINS: list.default([]),
  TRUST_PROXY: flag.default(false),
  REQUESTS_PER_MINUTE_PER_ADDRESS: count(1, 1_000_000).default(1200),
  REQUESTS_PER_MINUTE_PER_USER: count(1, 1_000_000).default(600),
  MAX_EVENT_LOOP_DELAY_MS: count(0, 60_000).default(3000),
  UPLOAD_IDLE_SECONDS: count(1, 3600).default(30),
  DOWNLOAD_IDLE_SECONDS: count(1, 3600).default(60),

  DATABASE_URL: postgresUrl.optional(),
  WORKER_DATABASE_URL: postgresUrl.optional(),
  OWNER_DATABASE_URL: postgresUrl.optional(),
  DATABASE_CONNECTIONS: count(1, 500).default(10),
  SCOPE_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
    .optional(),
  EMBEDDED_POSTGRES_PORT: count(0, 65_535).default(0),

  SUPABASE_URL: url.optional(),
  SUPABASE_PUBLISHABLE_KEY: z.string().min(1).optional(),
  SUPABASE_SECRET_KEY: z.string().min(1).optional(),
  AUTH_ISSUER: url.optional(),
  AUTH_JWKS_URL: url.optional(),
  AUTH_JWT_SECRET: z.string().min(32).optional(),
  ALLOW_ANONYMOUS_USERS: flag.default(false),
  EMBEDDED_SUPABASE_PORT: count(0, 65_535).default(3001),
  EMBEDDED_SUPABASE_PUBLIC_URL: url.optional(),

  ACTIVEPIECES_URL: url.optional(),
  ACTIVEPIECES_API_KEY: z.string().min(1).optional(),
  ACTIVEPIECES_EMAIL: z.string().min(1).optional(),
  ACTIVEPIECES_PASSWORD: z.string().min(1).optional(),
  ACTIVEPIECES_PROJECT_ID: z
    .string()
    .regex(/^[0-9A-Za-z]{21}$/)
    .optional(),
  ACTIVEPIECES_WEBHOOK_SECRET: z.string().min(16).optional(),
  EMBEDDED_ACTIVEPIECES_PORT: count(0, 65_535).default(3002),
  ALLOW_PRIVATE_ENGINES: flag.default(false),

  ENGINE_MAX_RUNS: count(1, 100_000).default(100),
  ENGINE_ROW_WINDOW_SECONDS: count(1, 3600).default(150),
  ENGINE_SECOND_LOOK_SECONDS: count(0, 3600).default(15),
  RUN_DEADLINE_FACTOR: z.coerce.number().min(0).max(1000).default(10),
  RUN_DEADLINE_MINIMUM_SECONDS: count(1, 604_800).default(600),
  RUN_RETRY_SECONDS: count(0, 3600).default(10),
  WORKER_LEASE_SECONDS: count(3, 600).default(30),
  CALLBACK_URL: url.optional(),

  AUTH_SITE_URL: url.optional(),
  AUTH_REDIRECT_ALLOW_LIST: list.default([]),
  AUTH_AUTOCONFIRM: flag.default(true),
  AUTH_ACCESS_TOKEN_SECONDS: count(60, 86_400).default(900),
  AUTH_REFRESH_REUSE_SECONDS: count(0, 3600).default(10),
  AUTH_PASSWORD_MIN_LENGTH: count(6, 72).default(10),
  AUTH_PASSWORD_REQUIRED_CHARACTERS: z
    .string()
    .default('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:0123456789'),
  AUTH_SIGN_IN_FAILURES_PER_ACCOUNT: count(1, 1000).default(10),
  AUTH_SIGN_IN_FAILURES_PER_ADDRESS: count(1, 10_000).default(50),
  AUTH_TOKEN_REQUESTS_PER_5_MINUTES: count(1, 100_000).default(150),
  AUTH_MAIL_REQUESTS_PER_5_MINUTES: count(1, 100_000).default(30),
  AUTH_MAIL_INTERVAL_SECONDS: count(0, 3600).default(60),
  AUTH_MAILS_PER_HOUR: count(0, 100_000).default(30),
  AUTH_SIGNING_KEYS: signingKeys.optional(),
  AUTH_PUBLISHABLE_KEY: z.string().min(16).optional(),
  AUTH_SECRET_KEY: z.string().min(16).optional(),
  AUTH_LEGACY_JWT_SECRET: z.string().min(32).optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  MAIL_FROM: z.string().default('Studios AI <no-reply@localhost>'),
})

export type Environment = z.infer<typeof environment>

/** Read once at the start; nothing else looks at the process environment. @throws {ConfigError} with all faults at once. */
export function readEnvironment(variables: Record<string, string | undefined>): Environment {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = environment.safeParse(given)
  const malformed = parsed.error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) ?? []
  const faults = [...malformed, ...connectionFaults(given)]
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults)
  return parsed.data
}

/** The environment of this very process. */
export function processEnvironment(): Record<string, string | undefined> {
  // biome-ignore lint/style/noProcessEnv: the one place that reads it
  return process.env
}

// Whatever is set is not embedded, and then it has to be set whole.
function connectionFaults(env: Partial<Record<keyof Environment, string>>): string[] {
  const needs = (given: unknown, names: (keyof Environment)[], why: string) =>
    given ? names.filter((name) => env[name] === undefined).map((name) => `${name}: is needed when ${why} is set`) : []
  const account = !env.ACTIVEPIECES_API_KEY && !(env.ACTIVEPIECES_EMAIL && env.ACTIVEPIECES_PASSWORD)
  return [
    ...needs(env.DATABASE_URL, ['WORKER_DATABASE_URL', 'SCOPE_KEY', 'SUPABASE_URL'], 'DATABASE_URL'),
    ...needs(env.SUPABASE_URL, ['DATABASE_URL', 'SUPABASE_PUBLISHABLE_KEY', 'SUPABASE_SECRET_KEY'], 'SUPABASE_URL'),
    ...needs(env.ACTIVEPIECES_URL, ['ACTIVEPIECES_WEBHOOK_SECRET'], 'ACTIVEPIECES_URL'),
    ...(env.ACTIVEPIECES_URL && account
      ? [
          'ACTIVEPIECES_API_KEY: or ACTIVEPIECES_EMAIL and ACTIVEPIECES_PASSWORD are needed when ACTIVEPIECES_URL is set',
        ]
      : []),
    ...(env.ACTIVEPIECES_API_KEY && !env.ACTIVEPIECES_PROJECT_ID
      ? ['ACTIVEPIECES_PROJECT_ID: is needed with ACTIVEPIECES_API_KEY, which belongs to no single project']
      : []),
  ]
}
