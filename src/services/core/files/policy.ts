import { defaultTrashDays, type FilePolicy, type SetFilePolicyInput } from '../../../contracts/file-policy.ts'
import { fileTypes } from '../../../contracts/file-types.ts'
import type { StorageUsage } from '../../../contracts/files.ts'
import type { Tx } from '../../../db/client.ts'
import * as queries from '../../../db/queries/file-policy.ts'
import type { ServiceContext } from '../../context.ts'
import { missing, requireRole } from '../access.ts'

/** What a company has set for its files, and where it has set nothing what holds for everybody. */
export function findFilePolicy(ctx: ServiceContext, companyId: string): Promise<FilePolicy> {
  return ctx.read((tx) => getFilePolicy(tx, companyId))
}

export async function setFilePolicy(ctx: ServiceContext, input: SetFilePolicyInput): Promise<FilePolicy> {
  return ctx.transaction(async (tx) => {
    await requireRole(tx, input.companyId, 'admin')
    await queries.updateFilePolicy(tx, input)
    return getFilePolicy(tx, input.companyId)
  })
}

async function getFilePolicy(tx: Tx, companyId: string): Promise<FilePolicy> {
  const stored = (await queries.findFilePolicy(tx, companyId)) ?? (await missing(tx, 'company', companyId))
  const allowed: readonly string[] = stored.allowedTypes ?? fileTypes
  const allowedTypes = fileTypes.filter((type) => allowed.includes(type))
  return { companyId, allowedTypes, trashDays: stored.trashDays ?? defaultTrashDays }
}

/** How full the company's storage is; uploads under way, older versions and the trash count. */
export async function findStorage(ctx: ServiceContext, companyId: string): Promise<StorageUsage> {
  return ctx.read(async (tx) => {
    const usage = (await queries.findStorage(tx, companyId)) ?? (await missing(tx, 'company', companyId))
    return { ...usage, ...levelOf(usage) }
  })
}

function levelOf({
  usedBytes,
  maxBytes,
}: {
  usedBytes: number
  maxBytes: number
}): Pick<StorageUsage, 'level' | 'message'> {
  const inUse = `${sizeForPeople(usedBytes)} of ${sizeForPeople(maxBytes)} are in use`
  if (usedBytes >= maxBytes) {
    const message = `The company's storage is full: ${inUse}. No file can be added until some are deleted for good or the plan is changed.`
    return { level: 'full', message }
  }
  if (usedBytes < maxBytes * 0.8) return { level: 'ok', message: null }
  const percent = Math.floor((usedBytes / maxBytes) * 100)
  const message = `The company's storage is ${percent} % full: ${inUse}. Empty the trash, delete older versions or change the plan before it runs out.`
  return { level: 'nearly_full', message }
}

function sizeForPeople(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  const units = ['KB', 'MB', 'GB', 'TB']
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), units.length)
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${units[power - 1]}`
}
