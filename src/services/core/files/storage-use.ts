import type { File, StorageUsage } from '../../../contracts/files.ts'
import type { UploadedFile } from '../../../contracts/uploads.ts'
import type { Tx } from '../../../db/client.ts'
import { type CompletedUpload, findStorageUse } from '../../../db/queries/uploads.ts'
import { notFound } from '../../../errors.ts'
import type { ServiceContext } from '../../context.ts'
import { requireRole } from '../access.ts'
import { readableFile } from './uploads.ts'

/** How full a company's storage is, and what that means. */
export async function storageUse(tx: Tx, companyId: string): Promise<StorageUsage> {
  return usageOf(companyId, (await findStorageUse(tx, companyId)) ?? notFound('company', companyId))
}

/** The same for anybody of the company; uploads under way, older versions and the trash count. */
export function findStorage(ctx: ServiceContext, companyId: string): Promise<StorageUsage> {
  return ctx.read(async (tx) => {
    await requireRole(tx, companyId, 'viewer')
    return storageUse(tx, companyId)
  })
}

type UploadedVersion = Pick<File, 'id' | 'companyId'> & { uploadedVersion: number }

/** What whoever has uploaded a version is told: the file, which version theirs is, and how full the storage is once that matters. */
export async function uploadedFile(
  ctx: ServiceContext,
  { id, companyId, uploadedVersion }: UploadedVersion,
): Promise<UploadedFile> {
  const file = await ctx.read((tx) => readableFile(tx, id))
  const storage = await ctx.read((tx) => storageUse(tx, companyId))
  return { ...file, uploadedVersion, storage: whenFilling(storage) }
}

/** The same of an upload that has just ended. */
export async function completedFile(
  ctx: ServiceContext,
  { file, usedBytes, maxBytes }: CompletedUpload,
  { id, companyId, uploadedVersion }: UploadedVersion,
): Promise<UploadedFile> {
  const seen = file ?? (await ctx.read((tx) => readableFile(tx, id)))
  return { ...seen, uploadedVersion, storage: whenFilling(usageOf(companyId, { usedBytes, maxBytes })) }
}

type Use = Pick<StorageUsage, 'usedBytes' | 'maxBytes'>

const usageOf = (companyId: string, use: Use): StorageUsage => ({ companyId, ...use, ...levelOf(use) })
const whenFilling = (storage: StorageUsage) => (storage.level === 'ok' ? null : storage)

function levelOf({ usedBytes, maxBytes }: Use) {
  const remedy = 'delete files for good or change the plan'
  if (usedBytes >= maxBytes)
    return { level: 'full', message: `The company's storage is full: ${remedy} before more is uploaded.` } as const
  if (usedBytes < maxBytes * 0.8) return { level: 'ok', message: null } as const
  const percent = Math.floor((usedBytes / maxBytes) * 100)
  return { level: 'nearly_full', message: `${percent} % of the company's storage is in use; ${remedy} soon.` } as const
}
