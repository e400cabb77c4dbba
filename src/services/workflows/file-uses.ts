import type { ExecutionFilesInput, FileReader, FileReadersInput } from '../../contracts/run-files.ts'
import { readCursor, toPage } from '../../db/paging.ts'
import * as queries from '../../db/queries/file-uses.ts'
import { findFile } from '../../db/queries/files.ts'
import type { ServiceContext } from '../context.ts'
import { missing } from '../core/access.ts'

/**
 * Which runs saw a file: those that were given it, the newest first, each with what its flow read of it.
 * @throws {DomainError} NOT_FOUND for a file that the caller may not read.
 */
export async function listReaders(
  ctx: ServiceContext,
  { fileId, limit, cursor }: FileReadersInput,
): Promise<{ items: FileReader[]; nextCursor: string | null }> {
  const after = readCursor(cursor)
  return ctx.read(async (tx) => {
    const { companyId, id } = (await findFile(tx, fileId)) ?? (await missing(tx, 'file', fileId))
    const rows = await queries.listReaders(tx, { companyId, id, limit }, after)
    return toPage(rows, limit, (row) => ({ at: row.givenAt, id: row.executionId }))
  })
}

/** The files that a run was given and those that it made; files that the caller may not read are not named. */
export async function listExecutionFiles(ctx: ServiceContext, input: ExecutionFilesInput) {
  return ctx.read(async (tx) => {
    const companyId =
      (await queries.findRunCompany(tx, input.executionId)) ?? (await missing(tx, 'run', input.executionId))
    return queries.listExecutionFiles(tx, companyId, input)
  })
}
