import { eq, sql } from 'drizzle-orm'
import type { FilePolicy, SetFilePolicyInput } from '../../contracts/file-policy.ts'
import type { Tx } from '../client.ts'
import { companies } from '../schema/index.ts'

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
