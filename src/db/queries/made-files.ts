import { and, eq, isNull, sql } from 'drizzle-orm'
import type { FileAccess } from '../../contracts/files.ts'
import type { Tx } from '../client.ts'
import { executionFiles, workflowExecutions as executions, files, fileVersions, folders } from '../schema/index.ts'

export interface MadeFile {
  id: string
  companyId: string
  studioId: string
  folderId: string | null
  uploadedBy: string
  filename: string
  accessLevel: FileAccess
  tags: string[]
}

export interface MadeContent {
  versionId: string
  path: string
  size: number
  type: string
  checksum: string
}

/** A file that a run has made, ready with its first version; its bytes are taken from the company's storage. */
export async function insertMadeFile(tx: Tx, file: MadeFile, content: MadeContent): Promise<void> {
  const { companyId, uploadedBy } = file
  const { versionId, path: supabasePath, size: fileSize, type: mimeType, checksum } = content
  const bytes = { companyId, uploadedBy, supabasePath, fileSize, mimeType, checksum, status: 'ready' as const }
  await tx.insert(files).values({ ...file, ...bytes })
  await tx.insert(fileVersions).values({ ...bytes, id: versionId, fileId: file.id, expiresAt: sql`now()` })
}

/** Writes down with a run that it has made a file. */
export async function recordMadeFile(tx: Tx, executionId: string, { id: fileId, companyId }: MadeFile): Promise<void> {
  await tx.insert(executionFiles).values({ companyId, executionId, fileId, usageType: 'output', version: 1 })
  const use = JSON.stringify([{ file_id: fileId, usage_type: 'output' }])
  await tx
    .update(executions)
    .set({ filesUsed: sql`${executions.filesUsed} || ${use}::jsonb` })
    .where(and(eq(executions.companyId, companyId), eq(executions.id, executionId)))
}

interface FolderPlace {
  companyId: string
  studioId: string
  createdBy: string
  parentId: string | null
  name: string
}

/** The folder of this name in its place, upper and lower case alike; made when there is none. */
export async function ensureFolder(tx: Tx, place: FolderPlace): Promise<string> {
  const found = await findFolderId(tx, place)
  if (found) return found
  await tx.insert(folders).values(place).onConflictDoNothing()
  const made = await findFolderId(tx, place)
  if (!made) throw new Error('an inserted folder was not found')
  return made
}

async function findFolderId(tx: Tx, { companyId, studioId, parentId, name }: FolderPlace): Promise<string | undefined> {
  const rows = await tx
    .select({ id: folders.id })
    .from(folders)
    .where(
      and(
        eq(folders.companyId, companyId),
        eq(folders.studioId, studioId),
        parentId === null ? isNull(folders.parentId) : eq(folders.parentId, parentId),
        sql`lower(${folders.name}) = lower(${name})`,
        isNull(folders.deletedAt),
      ),
    )
  return rows[0]?.id
}
