import type { FileDetails } from '../../../contracts/files.ts'
import type { ServiceContext } from '../../context.ts'
import { readableFile } from './uploads.ts'

/** @throws {DomainError} NOT_FOUND for a file that the caller may not read. */
export function findFile(ctx: ServiceContext, fileId: string): Promise<FileDetails> {
  return ctx.read((tx) => readableFile(tx, fileId))
}
