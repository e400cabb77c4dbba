import { actInNameOf } from '../../../db/queries/effects.ts'
import * as queries from '../../../db/queries/uploads.ts'
import { DomainError } from '../../../errors.ts'
import type { ServiceContext } from '../../context.ts'

/**
 * Makes an upload's bytes the file's content, for the person who began it; their access token may have run out since.
 * @throws {DomainError} saying what has come in between: the session ended, the role is gone, the file is in the trash, or the
 * upload was given up.
 */
export async function finishUpload(
  ctx: ServiceContext,
  uploadId: string,
  found: queries.ReceivedContent,
): Promise<queries.CompletedUpload> {
  const completed = await ctx.vouchedEnd((tx) => queries.completeUpload(tx, uploadId, found))
  return completed ?? explainEnd(ctx, uploadId)
}

/** Gives up an upload of the caller's that is not finished; the company's storage gets its bytes back at once. */
export function abandonUpload(ctx: ServiceContext, uploadId: string): Promise<boolean> {
  return ctx.vouched((tx) => queries.abandonUpload(tx, uploadId))
}

/** The same for an upload that this request has begun or examined, whatever has become of the caller's session meanwhile. */
export function takeBackUpload(ctx: ServiceContext, uploadId: string): Promise<boolean> {
  return ctx.takeBack(async (tx) => {
    await actInNameOf(tx, ctx.caller.userId)
    return queries.abandonUpload(tx, uploadId)
  })
}

/** Says what keeps an upload from its end. @throws {DomainError} always; `otherwise` where nothing does. */
export async function explainEnd(ctx: ServiceContext, uploadId: string, otherwise?: unknown): Promise<never> {
  const obstacle = obstacleIn(await ctx.vouchedEnd((tx) => queries.findUploadStanding(tx, uploadId)))
  throw obstacle ?? otherwise ?? changedMeanwhile()
}

function obstacleIn({ hasSession, isOpen, mayAdd, trashed }: queries.UploadStanding): DomainError | undefined {
  if (!hasSession) {
    const message = 'Your session ended before the upload did; sign in and try again.'
    return new DomainError('UNAUTHORIZED', message)
  }
  if (!isOpen) {
    return new DomainError('PRECONDITION_FAILED', 'This upload was given up or has run out of time; begin again.')
  }
  if (!mayAdd) {
    return new DomainError('FORBIDDEN', 'You may not add files to this studio any more; ask an admin of the company.')
  }
  return trashed ? new DomainError('PRECONDITION_FAILED', inTrash[trashed]) : undefined
}

const inTrash: Record<NonNullable<queries.UploadStanding['trashed']>, string> = {
  file: 'The file was moved to the trash before its upload ended; restore it if it is still there, and try again.',
  folder: 'The folder of the file was moved to the trash before the upload ended; restore the folder and try again.',
}

const changedMeanwhile = () =>
  new DomainError('CONFLICT', 'Something was changed while the upload ended; try the same again.')
