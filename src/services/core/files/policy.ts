import { defaultTrashDays, type FilePolicy, type SetFilePolicyInput } from '../../../contracts/file-policy.ts'
import { fileTypes } from '../../../contracts/file-types.ts'
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
