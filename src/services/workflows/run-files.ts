import { type OpenedFile, readRunFile } from '../../db/queries/run-files.ts'
import { DomainError } from '../../errors.ts'
import type { ServiceContext } from '../context.ts'
import { hashOfToken } from '../tokens.ts'

/** A link as a flow brings it back. */
export interface RunFileLink {
  executionId: string
  fileId: string
  token: string
}

/** Where the bytes are that a link opens. */
export type OpenedRunFile = Extract<OpenedFile, { isOpen: true }>

/**
 * Lets a run's flow read one of its files, unless the link is closed; each read is recorded.
 * @throws {DomainError} NOT_FOUND in one sentence for whatever is no link of this run to this file.
 */
export async function openRunFile(
  ctx: Pick<ServiceContext, 'transaction'>,
  { token, ...link }: RunFileLink,
): Promise<OpenedFile> {
  const opened = await ctx.transaction((tx) => readRunFile(tx, { ...link, tokenHash: hashOfToken(token) }))
  return opened ?? refuseLink()
}

/** @throws {DomainError} NOT_FOUND */
export function refuseLink(): never {
  throw new DomainError('NOT_FOUND', 'This link opens no file; use it unchanged, as the run was given it.')
}
