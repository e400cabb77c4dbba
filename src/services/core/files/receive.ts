import { largestFileBytes } from '../../../contracts/file-types.ts'
import type { BeginUploadInput, UploadedFile } from '../../../contracts/uploads.ts'
import type { ReceivedContent } from '../../../db/queries/uploads.ts'
import { DomainError } from '../../../errors.ts'
import type { ServiceContext } from '../../context.ts'
import { giveBack } from '../../giving-back.ts'
import type { ObjectStore } from '../../objects.ts'
import { type Announced, measure } from './incoming.ts'
import { completedFile } from './storage-use.ts'
import { lookFor, settleType } from './type-rules.ts'
import { explainEnd, finishUpload, takeBackUpload } from './upload-ends.ts'
import { type BegunUpload, beginUpload, beginVersion } from './uploads.ts'

/** A content that a client is sending. */
export interface Incoming extends Announced {
  bytes: AsyncIterable<Uint8Array>
  /** What the client says that it is; empty where it says nothing. */
  type: string
  /** More bytes than this cannot come; taken from the company's storage until the real size is known. */
  mostBytes: number
  /** Resolves once the client's whole message has been read and holds nothing beyond this content. */
  end(): Promise<void>
}

type Place = Omit<BeginUploadInput, 'fileSize' | 'mimeType' | 'checksum'>

/**
 * Takes in a new file while it is being sent: its place is kept first, its bytes are checked as they pass into the storage, and
 * it is ready once all of them are there and right. Otherwise nothing of it stays, and the storage gets its bytes back.
 * @throws {DomainError} as `beginUpload` does; UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE or BAD_REQUEST for a content that is not
 * allowed, too large or not as announced; UNAVAILABLE when the storage cannot be reached.
 */
export async function receiveFile(ctx: ServiceContext, place: Place, incoming: Incoming): Promise<UploadedFile> {
  return receive(ctx, await beginUpload(ctx, { ...place, ...announcedBy(incoming) }), incoming)
}

/** The same for the next version of a file; until it is ready the file stays as it is. */
export async function receiveVersion(ctx: ServiceContext, fileId: string, incoming: Incoming): Promise<UploadedFile> {
  return receive(ctx, await beginVersion(ctx, { fileId, ...announcedBy(incoming) }), incoming)
}

async function receive(ctx: ServiceContext, upload: BegunUpload, incoming: Incoming): Promise<UploadedFile> {
  const completed = await complete(ctx, upload, incoming).catch(async (error: unknown) => {
    await giveBack(() => takeBackUpload(ctx, upload.uploadId))
    throw error
  })
  return completedFile(ctx, completed, { ...upload.file, uploadedVersion: upload.version }).catch(storedUnseen)
}

async function complete(ctx: ServiceContext, upload: BegunUpload, incoming: Incoming) {
  const { uploadId } = upload
  const found = await storeContent({ put: putFor(ctx) }, upload, incoming).catch((error: unknown) =>
    isRightsRefusal(error) ? explainEnd(ctx, uploadId, error) : Promise.reject(error),
  )
  await incoming.end()
  return finishUpload(ctx, uploadId, found)
}

const leastLeftMs = 10_000

// The storage asks its policies, too, as long as the token says who sends. The right to upload was shown when it began: for
// whoever's token has run out since, the service sends, and the end of the upload asks the database again.
function putFor({ caller, objects, uploads }: ServiceContext): ObjectStore['put'] {
  return (...content) => {
    const isGood = caller.expiresAt * 1000 > Date.now() + leastLeftMs
    return (isGood ? objects : uploads).put(...content)
  }
}

function isRightsRefusal(error: unknown): boolean {
  return error instanceof DomainError && (error.code === 'FORBIDDEN' || error.code === 'UNAUTHORIZED')
}

// What is stored must not look as if it were to be sent again.
function storedUnseen(cause: unknown): never {
  const code = cause instanceof DomainError ? cause.code : 'UNAVAILABLE'
  const message = 'The file is stored, but could not be shown; find it in the list of files, and do not send it again.'
  throw new DomainError(code, message, { cause })
}

type Destination = Pick<BegunUpload, 'path' | 'meantType' | 'allowedTypes'>

/** Streams a content into the storage and tells what it was; when it is not allowed or not as announced, nothing is stored. */
export async function storeContent(
  objects: Pick<ObjectStore, 'put'>,
  { path, meantType, allowedTypes }: Destination,
  { bytes, size, checksum }: Announced & Pick<Incoming, 'bytes'>,
): Promise<ReceivedContent> {
  const content = await measure(bytes, { size, checksum })
  const type = await settleType(content.head, meantType, allowedTypes)
  await objects.put(path, content.open(lookFor(type, content.head)), { type, size })
  return { ...content.found(), type }
}

function announcedBy({ size, checksum, type, mostBytes }: Incoming) {
  const fileSize = size ?? Math.max(1, Math.min(mostBytes, largestFileBytes))
  return { fileSize, mimeType: type, checksum }
}
