import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { installSecrets, migrateUp } from '../../src/db/migrations.ts'
import { startEngine } from '../../src/embedded/activepieces/index.ts'
import { openEngineAccount } from '../../src/embedded/engine-account.ts'
import { bootstrapSupabase, createSupabaseKeys, type SupabaseKeys } from '../../src/embedded/supabase/index.ts'
import { publishFolders } from '../../src/publishing.ts'

/** What every test file's own copy of the stack is made from. */
export interface Template {
  /** Superuser address of the server, with `/postgres` as its database. */
  postgresUrl: string
  database: string
  /** Folder of an engine that has the catalog published. */
  engineDir: string
  apiPassword: string
  authPassword: string
  storagePassword: string
  workerPassword: string
  scopeKey: string
  vaultKey: string
  engine: { email: string; password: string; webhookSecret: string }
  supabaseKeys: SupabaseKeys
}

/** Builds a migrated database and an engine with the catalog in it, once for the whole run. */
export async function buildTemplate(postgresUrl: string, folder: string): Promise<Template> {
  const hex = (bytes: number) => randomBytes(bytes).toString('hex')
  const engineDir = join(folder, 'engine')
  mkdirSync(engineDir, { recursive: true })
  const template: Template = {
    postgresUrl,
    database: 'studios_template',
    engineDir,
    apiPassword: hex(8),
    authPassword: hex(8),
    storagePassword: hex(8),
    workerPassword: hex(8),
    scopeKey: hex(32),
    vaultKey: hex(32),
    engine: { email: 'engine@example.com', password: hex(10), webhookSecret: hex(16) },
    supabaseKeys: await createSupabaseKeys(),
  }
  await buildDatabase(template)
  await publishInto(template)
  return template
}

/** The address of one of the server's databases, as the superuser or as another login role. */
export function addressOf(
  template: Pick<Template, 'postgresUrl'>,
  database: string,
  user?: string,
  password?: string,
): string {
  const url = new URL(template.postgresUrl)
  url.pathname = `/${database}`
  if (user && password) Object.assign(url, { username: user, password })
  return url.href
}

async function buildDatabase(template: Template): Promise<void> {
  const admin = new pg.Client({ connectionString: template.postgresUrl })
  await admin.connect()
  await admin.query(`create database ${template.database}`)
  await admin.end()
  const ownerUrl = addressOf(template, template.database)
  const { vaultKey, authPassword, storagePassword } = template
  await bootstrapSupabase(ownerUrl, { vaultKey, authPassword, storagePassword })
  await migrateUp(ownerUrl)
  const { apiPassword, workerPassword } = template
  await installSecrets(ownerUrl, { scopeKey: Buffer.from(template.scopeKey, 'hex'), apiPassword, workerPassword })
}

async function publishInto(template: Template): Promise<void> {
  const running = await startEngine({ dataDir: template.engineDir })
  const url = running.url.replace(/\/api\/v1$/, '')
  const { email, password, webhookSecret } = template.engine
  await openEngineAccount(url, { email, password })
  const workerUrl = addressOf(template, template.database, 'studios_worker', template.workerPassword)
  await publishFolders({
    database: { workerUrl },
    engine: { url, account: { email, password }, webhookSecret },
  })
  await running.close()
}
