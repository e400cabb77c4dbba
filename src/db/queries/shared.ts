import { type SQL, sql } from 'drizzle-orm'
import type { Tx } from '../client.ts'
import type { RequestDetails } from '../scope.ts'

/** What a link leads to; `file` is undefined for one that takes files. */
export interface OpenLink {
  label: string | null
  file: { filename: string; fileSize: number; mimeType: string; checksum: string; path: string } | undefined
  expiresAt: string
  needsPassword: boolean
}

interface Row extends Record<string, unknown> {
  label: string | null
  filename: string | null
  file_size: number
  mime_type: string
  checksum: string
  supabase_path: string
  expires_at: string
  needs_password: boolean
}

/** Undefined when there is no such link or it does not open; with a request it is recorded as opened. */
export async function lookAtShare(tx: Tx, tokenHash: string, request?: RequestDetails): Promise<OpenLink | undefined> {
  const { rows } = await tx.execute<Row>(sql`select * from app.look_at_share(${tokenHash}, ${jsonOf(request)})`)
  const [row] = rows
  if (!row) return undefined
  const { filename, file_size: fileSize, mime_type: mimeType, checksum, supabase_path: path } = row
  const file = filename === null ? undefined : { filename, fileSize, mimeType, checksum, path }
  return {
    label: row.label,
    file,
    expiresAt: new Date(row.expires_at).toISOString(),
    needsPassword: row.needs_password,
  }
}

interface Try extends Record<string, unknown> {
  hash: string | null
  waitSeconds: number | null
}

/** The hash to compare a password with, once that try is counted; or how long the link rests. */
export async function tryShare(tx: Tx, tokenHash: string): Promise<Try> {
  const tried = sql`select password_hash as hash, wait_seconds as "waitSeconds" from app.try_share(${tokenHash})`
  const { rows } = await tx.execute<Try>(tried)
  return rows[0] ?? { hash: null, waitSeconds: null }
}

/** Says how a password was that had been let through to be tried. */
export async function settleShare(tx: Tx, tokenHash: string, isRight: boolean, request: RequestDetails): Promise<void> {
  await tx.execute(sql`select app.settle_share(${tokenHash}, ${isRight}, ${jsonOf(request)})`)
}

/** Counts one use; false when none is left or the link does not open any more. */
export async function takeShare(tx: Tx, tokenHash: string, request: RequestDetails): Promise<boolean> {
  const taken = sql`select app.take_share(${tokenHash}, ${jsonOf(request)}) as taken`
  const { rows } = await tx.execute<{ taken: boolean }>(taken)
  return rows[0]?.taken ?? false
}

/**
 * Where a file goes that comes through a link, and in whose name; undefined when the link takes none. Nobody else enters by the same
 * link until the transaction ends.
 */
export async function enterSharedFolder(tx: Tx, tokenHash: string): Promise<SharedPlace | undefined> {
  const entered = sql`select company_id as "companyId", studio_id as "studioId", folder_id as "folderId", person,
      share_id as "shareId", has_place as "hasPlace"
    from app.enter_shared_folder(${tokenHash})`
  const { rows } = await tx.execute<SharedPlace>(entered)
  return rows[0]
}

interface SharedPlace extends Record<string, unknown> {
  companyId: string
  studioId: string
  folderId: string
  person: string
  shareId: string
  /** Whether it may take one more file beside those that are on their way. */
  hasPlace: boolean
}

function jsonOf(request: RequestDetails | undefined): SQL {
  return sql`${request ? JSON.stringify(request) : null}::jsonb`
}
