import { eq, sql } from 'drizzle-orm'
import type { FilePolicy, SetFilePolicyInput } from '../../contracts/file-policy.ts'
import type { Tx } from '../client.ts'
import { companies, companyLimits, companyStorage, plans } from '../schema/index.ts'

/** What a company has set; what it has not is not there. */
export type StoredFilePolicy = Partial<Omit<FilePolicy, 'companyId'>>

export async function findFilePolicy(tx: Tx, companyId: string): Promise<StoredFilePolicy | undefined> {
  const rows = await tx
    .select({ policy: sql<StoredFilePolicy>`coalesce(${companies.settings} -> 'filePolicy', '{}'::jsonb)` })
    .from(companies)
    .where(eq(companies.id, companyId))
  return rows[0]?.policy
}

export async function updateFilePolicy(tx: Tx, { companyId, ...change }: SetFilePolicyInput): Promise<void> {
  await tx.execute(sql`select app.set_file_policy(${companyId}, ${JSON.stringify(change)}::jsonb)`)
}

/** Bytes that a company's files take and may take. */
export async function findStorage(tx: Tx, companyId: string) {
  const rows = await tx
    .select({
      companyId: companies.id,
      usedBytes: sql`coalesce(${companyStorage.usedBytes}, 0)`.mapWith(Number),
      maxBytes: sql`coalesce(${companyLimits.maxStorageBytes}, ${plans.maxStorageBytes})`.mapWith(Number),
    })
    .from(companies)
    .innerJoin(plans, eq(plans.name, companies.plan))
    .leftJoin(companyLimits, eq(companyLimits.companyId, companies.id))
    .leftJoin(companyStorage, eq(companyStorage.companyId, companies.id))
    .where(eq(companies.id, companyId))
  return rows[0]
}
