import { and, eq, gt, isNull, type SQL, sql } from 'drizzle-orm'
import type { ListSharesInput, Share, ShareState } from '../../contracts/sharing.ts'
import type { Tx } from '../client.ts'
import { behind, newestFirst, type Position } from '../paging.ts'
import { folders, fileShares as shares, studios } from '../schema/index.ts'

const state = sql<ShareState>`case
  when ${shares.revokedAt} is not null then 'revoked'
  when ${shares.expiresAt} <= now() then 'expired'
  when ${shares.uses} >= ${shares.maxUses} then 'used_up'
  else 'active' end`

const columns = {
  id: shares.id,
  companyId: shares.companyId,
  fileId: shares.fileId,
  folderId: shares.folderId,
  label: shares.label,
  hasPassword: shares.hasPassword,
  state,
  expiresAt: shares.expiresAt,
  maxUses: shares.maxUses,
  uses: shares.uses,
  createdBy: shares.createdBy,
  createdAt: shares.createdAt,
  revokedAt: shares.revokedAt,
}

type Target = Pick<Share, 'companyId'> & { fileId?: string | undefined; folderId?: string | undefined }

export interface NewShare extends Target {
  label: string | undefined
  tokenHash: string
  passwordHash: string | undefined
  expiresAt: string
  maxUses: number | undefined
  createdBy: string
}

// Drizzle would name every column, also those that a caller may not write.
export async function insertShare(tx: Tx, share: NewShare): Promise<Share | undefined> {
  const id = crypto.randomUUID()
  const { companyId, fileId = null, folderId = null, label = null, passwordHash = null, maxUses = null } = share
  await tx.execute(sql`
    insert into file_shares (id, company_id, file_id, folder_id, label, token_hash, password_hash, expires_at, max_uses, created_by)
    values (${id}, ${companyId}, ${fileId}, ${folderId}, ${label}, ${share.tokenHash}, ${passwordHash}, ${share.expiresAt},
      ${maxUses}, ${share.createdBy})`)
  return findShare(tx, id)
}

/** Whose a folder is, and whether files can be put into it. */
export async function findFolder(
  tx: Tx,
  folderId: string,
): Promise<{ companyId: string; isReady: boolean } | undefined> {
  const rows = await tx
    .select({
      companyId: folders.companyId,
      isReady: sql<boolean>`${folders.deletedAt} is null and ${studios.archivedAt} is null`,
    })
    .from(folders)
    .innerJoin(studios, and(eq(studios.companyId, folders.companyId), eq(studios.id, folders.studioId)))
    .where(eq(folders.id, folderId))
  return rows[0]
}

export async function findShare(tx: Tx, shareId: string): Promise<Share | undefined> {
  const rows = await tx.select(columns).from(shares).where(eq(shares.id, shareId))
  return rows[0]
}

export function listShares(tx: Tx, filter: ListSharesInput, after: Position | undefined): Promise<Share[]> {
  return tx
    .select(columns)
    .from(shares)
    .where(and(of(filter), filter.state && eq(state, filter.state), behind(after, shares.createdAt, shares.id)))
    .orderBy(newestFirst(shares.createdAt), newestFirst(shares.id))
    .limit(filter.limit + 1)
}

/** Undefined when it was revoked already. */
export async function revokeShare(tx: Tx, shareId: string): Promise<Share | undefined> {
  const rows = await tx
    .update(shares)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(shares.id, shareId), isNull(shares.revokedAt)))
    .returning(columns)
  return rows[0]
}

/** How many links of a file, or into a folder, could still be opened. */
export async function revokeSharesOf(tx: Tx, target: Target): Promise<number> {
  const rows = await tx
    .update(shares)
    .set({ revokedAt: sql`now()` })
    .where(and(of(target), isNull(shares.revokedAt), gt(shares.expiresAt, sql`now()`)))
    .returning({ id: shares.id })
  return rows.length
}

/** The same for all links of a company; for its admins, who may not see each of them. */
export async function revokeSharesOfCompany(tx: Tx, companyId: string): Promise<number> {
  const { rows } = await tx.execute<{ revoked: number }>(sql`select app.revoke_shares(${companyId}) as revoked`)
  return rows[0]?.revoked ?? 0
}

function of({ companyId, fileId, folderId }: Target): SQL | undefined {
  return and(
    eq(shares.companyId, companyId),
    fileId ? eq(shares.fileId, fileId) : undefined,
    folderId ? eq(shares.folderId, folderId) : undefined,
  )
}
