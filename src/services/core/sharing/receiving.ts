import { largestFileBytes } from '../../../contracts/file-types.ts'
import type { ReceivedFile } from '../../../contracts/sharing.ts'
import { actInNameOf } from '../../../db/queries/effects.ts'
import { insertFile, insertVersion } from '../../../db/queries/files.ts'
import { enterSharedFolder, takeShare } from '../../../db/queries/shared.ts'
import * as uploads from '../../../db/queries/uploads.ts'
import { DomainError } from '../../../errors.ts'
import { giveBack } from '../../giving-back.ts'
import { type Incoming, storeContent } from '../files/receive.ts'
import { allowedTypes, meantType, requireAllowed, unknownType } from '../files/type-rules.ts'
import { placeFor } from '../files/uploads.ts'
import { opensNothing, type VisitorContext } from './opening.ts'

/** What taking a file in works with besides: it is done in the name of whoever made the link. */
export interface ReceivingContext extends VisitorContext {
  /** Transactions of the login that may act in somebody's name. */
  inNameOfMaker: VisitorContext['transaction']
}

/**
 * Takes in a file through a link into a folder. It belongs to whoever made the link, and counts as one use once all of it is
 * there; otherwise nothing of it stays.
 * @throws {DomainError} NOT_FOUND for a link that takes no files (any more), QUOTA_EXCEEDED when the company has no room, and what
 * uploads of members throw.
 */
export async function receiveThroughLink(
  ctx: ReceivingContext,
  { tokenHash, filename }: { tokenHash: string; filename: string },
  incoming: Incoming,
): Promise<ReceivedFile> {
  const upload = await begin(ctx, { tokenHash, filename }, incoming).catch(tellVisitor)
  try {
    const found = await storeContent(ctx.objects, upload, incoming)
    await incoming.end()
    await ctx.inNameOfMaker(async (tx) => {
      await actInNameOf(tx, upload.person)
      // The link is asked again: it may have been used up or revoked while the bytes came.
      if (!(await takeShare(tx, tokenHash, ctx.request))) opensNothing()
      if (!(await uploads.finishUpload(tx, upload.id, found))) tookTooLong()
    })
    return { filename, fileSize: found.size, mimeType: found.type }
  } catch (error) {
    await giveBack(() =>
      ctx.inNameOfMaker(async (tx) => {
        await actInNameOf(tx, upload.person)
        await uploads.abandonUpload(tx, upload.id)
      }),
    )
    throw error
  }
}

function begin(ctx: ReceivingContext, link: { tokenHash: string; filename: string }, incoming: Incoming) {
  const { tokenHash, filename } = link
  return ctx.inNameOfMaker(async (tx) => {
    const { person, shareId, hasPlace, ...folder } = (await enterSharedFolder(tx, tokenHash)) ?? opensNothing()
    if (!hasPlace) tooManyAtOnce()
    await actInNameOf(tx, person)
    const types = allowedTypes(await uploads.findAllowedTypes(tx, folder.companyId))
    const meant = meantType(incoming.type, filename)
    if (meant !== undefined) requireAllowed(meant, types)
    const fileSize = incoming.size ?? Math.max(1, Math.min(incoming.mostBytes, largestFileBytes))
    const announced = { fileSize, mimeType: meant ?? unknownType, checksum: incoming.checksum }
    const place = { ...placeFor(folder.companyId, person), shareId }
    const file = await insertFile(tx, { ...folder, ...announced, filename, accessLevel: 'studio', tags: [] }, place)
    await insertVersion(tx, { ...announced, fileId: file.id }, place)
    return { id: place.id, path: place.supabasePath, person, meantType: meant, allowedTypes: types }
  })
}

function tooManyAtOnce(): never {
  const message =
    'As many files as this link takes at the moment are on their way through it already; try again shortly.'
  throw new DomainError('CONFLICT', message)
}

function tookTooLong(): never {
  throw new DomainError('PRECONDITION_FAILED', 'This upload took longer than two hours; send the file again.')
}

// How full the company's storage is, or that a studio was archived at this moment, is nothing that visitors get to know.
function tellVisitor(cause: unknown): never {
  if (!(cause instanceof DomainError)) throw cause
  if (cause.code === 'PRECONDITION_FAILED') return opensNothing()
  if (cause.code !== 'QUOTA_EXCEEDED') throw cause
  const message = 'There is no room for this file at the moment; tell whoever sent you the link.'
  throw new DomainError('QUOTA_EXCEEDED', message, { cause })
}
