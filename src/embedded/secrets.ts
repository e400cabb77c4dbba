import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Environment } from '../config.ts'
import { createSupabaseKeys } from './supabase/index.ts'

const secrets = z.object({
  postgresPassword: z.string(),
  apiPassword: z.string(),
  authPassword: z.string(),
  storagePassword: z.string(),
  workerPassword: z.string(),
  scopeKey: z.string(),
  vaultKey: z.string(),
  engineEmail: z.string(),
  enginePassword: z.string(),
  webhookSecret: z.string(),
  supabase: z.object({
    signingKeys: z.array(z.record(z.string(), z.unknown())),
    publishableKey: z.string(),
    secretKey: z.string(),
    legacyJwtSecret: z.string(),
  }),
  demoPassword: z.string(),
})

/** Everything secret that an embedded installation made for itself at its first start. */
export type EmbeddedSecrets = z.infer<typeof secrets>

/** Reads `<dataDir>/secrets.json`, and makes it at the first start, readable by its owner only. */
export async function loadSecrets(dataDir: string): Promise<EmbeddedSecrets> {
  const file = join(dataDir, 'secrets.json')
  const kept = existsSync(file) ? readObject(file) : undefined
  // Installations that are older than Storage have no password for it yet.
  const made = secrets.parse(kept ? { storagePassword: hex(16), ...kept } : await makeSecrets())
  if (kept && 'storagePassword' in kept) return made
  mkdirSync(dataDir, { recursive: true })
  writeFileSync(`${file}.new`, JSON.stringify(made, null, 2), { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return made
}

/** The same with the keys of the embedded Supabase that the environment brings in place of those made. */
export function withGivenKeys(made: EmbeddedSecrets, env: Environment): EmbeddedSecrets {
  const { signingKeys, publishableKey, secretKey, legacyJwtSecret } = made.supabase
  const supabase = {
    signingKeys: env.AUTH_SIGNING_KEYS ?? signingKeys,
    publishableKey: env.AUTH_PUBLISHABLE_KEY ?? publishableKey,
    secretKey: env.AUTH_SECRET_KEY ?? secretKey,
    legacyJwtSecret: env.AUTH_LEGACY_JWT_SECRET ?? legacyJwtSecret,
  }
  return { ...made, supabase }
}

function readObject(file: string): object {
  return z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, 'utf8')))
}

async function makeSecrets(): Promise<EmbeddedSecrets> {
  return secrets.parse({
    postgresPassword: hex(16),
    apiPassword: hex(16),
    authPassword: hex(16),
    storagePassword: hex(16),
    workerPassword: hex(16),
    scopeKey: hex(32),
    vaultKey: hex(32),
    engineEmail: 'engine@studios.localhost',
    enginePassword: hex(12),
    webhookSecret: hex(24),
    supabase: await createSupabaseKeys(),
    demoPassword: `Demo-${hex(5)}-1`,
  })
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}
