import { and, eq, isNull, sql } from 'drizzle-orm'
import {
  type Integration,
  type IntegrationInput,
  type IntegrationSecret,
  type IntegrationSettings,
  integrationSecret,
} from '../../contracts/integrations.ts'
import type { Tx } from '../client.ts'
import { integrations } from '../schema/index.ts'

const shown = {
  id: integrations.id,
  companyId: integrations.companyId,
  kind: integrations.kind,
  settings: integrations.settings,
  status: integrations.status,
  statusMessage: integrations.statusMessage,
  checkedAt: integrations.checkedAt,
  createdBy: integrations.createdBy,
  createdAt: integrations.createdAt,
  updatedAt: integrations.updatedAt,
  removedAt: integrations.removedAt,
}

/** The integration that new runs of a company use. */
export async function findIntegration(tx: Tx, { companyId, kind }: IntegrationInput): Promise<Integration | undefined> {
  const isCurrent = and(
    eq(integrations.companyId, companyId),
    eq(integrations.kind, kind),
    isNull(integrations.removedAt),
  )
  const rows = await tx.select(shown).from(integrations).where(isCurrent)
  return rows[0]
}

/** Any integration, a removed one too. */
export async function findIntegrationById(tx: Tx, integrationId: string): Promise<Integration | undefined> {
  const rows = await tx.select(shown).from(integrations).where(eq(integrations.id, integrationId))
  return rows[0]
}

/** Creates or replaces; the database checks that the caller is an admin. Gives the id. */
export async function putIntegration(
  tx: Tx,
  { companyId, kind }: IntegrationInput,
  { settings, secret }: { settings: IntegrationSettings; secret: IntegrationSecret },
): Promise<string> {
  const { rows } = await tx.execute<{ id: string }>(
    sql`select app.put_integration(${companyId}, ${kind}, ${JSON.stringify(settings)}::jsonb, ${JSON.stringify(secret)}::jsonb) as id`,
  )
  const [row] = rows
  if (!row) throw new Error('a written integration was not returned')
  return row.id
}

/** Gives the id of what was removed; the database checks that the caller is an admin. */
export async function removeIntegration(tx: Tx, { companyId, kind }: IntegrationInput): Promise<string | undefined> {
  const { rows } = await tx.execute<{ id: string | null }>(
    sql`select app.remove_integration(${companyId}, ${kind}) as id`,
  )
  return rows[0]?.id ?? undefined
}

/** What the vault keeps of an integration; undefined when it was removed and forgotten. */
export async function findIntegrationSecret(tx: Tx, integrationId: string): Promise<IntegrationSecret | undefined> {
  const { rows } = await tx.execute<{ secret: unknown }>(sql`select app.integration_secret(${integrationId}) as secret`)
  return rows[0]?.secret ? integrationSecret.parse(rows[0].secret) : undefined
}

/** Notes what a check found, unless the integration was changed meanwhile. */
export async function updateIntegrationStatus(
  tx: Tx,
  checked: Pick<Integration, 'id' | 'companyId' | 'updatedAt'>,
  found: Pick<Integration, 'status' | 'statusMessage'>,
): Promise<void> {
  const isSame = and(
    eq(integrations.companyId, checked.companyId),
    eq(integrations.id, checked.id),
    eq(integrations.updatedAt, checked.updatedAt),
  )
  await tx
    .update(integrations)
    .set({ ...found, checkedAt: sql`now()` })
    .where(isSame)
}

export async function forgetEngineSecrets(tx: Tx): Promise<number> {
  const { rows } = await tx.execute<{ forgotten: number }>(sql`select app.forget_engine_secrets() as forgotten`)
  return rows[0]?.forgotten ?? 0
}
