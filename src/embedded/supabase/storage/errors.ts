export type StorageErrorCode =
  | 'AccessDenied'
  | 'DatabaseTimeout'
  | 'EntityTooLarge'
  | 'InternalError'
  | 'InvalidBucketName'
  | 'InvalidJWT'
  | 'InvalidKey'
  | 'InvalidMimeType'
  | 'InvalidRange'
  | 'InvalidRequest'
  | 'InvalidSignature'
  | 'KeyAlreadyExists'
  | 'NoSuchBucket'
  | 'NoSuchKey'
  | 'NoSuchUpload'
  | 'ResourceAlreadyExists'
  | 'ResourceLocked'
  | 'ResourceNotEmpty'
  | 'TusError'

/** What Storage answers instead of a result; everything else thrown is a fault of ours. */
export class StorageError extends Error {
  readonly statusCode: number
  readonly code: StorageErrorCode
  /** The name by which older clients know the fault; the code itself where there is none. */
  readonly error: string

  constructor(statusCode: number, code: StorageErrorCode, message: string, error: string = code) {
    super(message)
    this.statusCode = statusCode
    this.code = code
    this.error = error
  }
}

export function fail(statusCode: number, code: StorageErrorCode, message: string, error?: string): never {
  throw new StorageError(statusCode, code, message, error)
}

export function errorBody({ statusCode, code, error, message }: StorageError): object {
  return { statusCode: String(statusCode), code, error, message }
}

/** Storage tells what went wrong in the body; the HTTP status is 400 for nearly everything. */
export function httpStatus({ statusCode, code }: StorageError): number {
  if (code === 'InvalidRange') return 416
  return statusCode >= 500 ? statusCode : 400
}

export const noSuchBucket = () => new StorageError(404, 'NoSuchBucket', 'Bucket not found', 'Bucket not found')
export const noSuchKey = () => new StorageError(404, 'NoSuchKey', 'Object not found', 'not_found')
export const noSuchUpload = (statusCode = 404) => new StorageError(statusCode, 'NoSuchUpload', 'Upload not found')
export const accessDenied = (message: string) => new StorageError(403, 'AccessDenied', message, 'Unauthorized')
export const invalidRequest = (message: string) => new StorageError(400, 'InvalidRequest', message)
export const tooLarge = () =>
  new StorageError(413, 'EntityTooLarge', 'The object exceeded the maximum allowed size', 'Payload too large')
export const notEmpty = () => new StorageError(409, 'ResourceNotEmpty', 'The bucket you tried to delete is not empty')
export const unsupportedType = (mimeType: string) =>
  new StorageError(415, 'InvalidMimeType', `mime type ${mimeType} is not supported`, 'invalid_mime_type')

const alreadyExists = (code: 'KeyAlreadyExists' | 'ResourceAlreadyExists') =>
  new StorageError(409, code, 'The resource already exists', 'Duplicate')

/** The answer that a refusal by the database stands for, and undefined when it is no refusal. */
export function refusalOf(state: string, constraint: string): StorageError | undefined {
  switch (state) {
    case '42501':
      return accessDenied('new row violates row-level security policy')
    case '23505':
      return alreadyExists(constraint.startsWith('bucketid_') ? 'KeyAlreadyExists' : 'ResourceAlreadyExists')
    case '23503':
      return noSuchBucket()
    case '40001':
    case '40P01':
    case '55P03':
      return new StorageError(423, 'ResourceLocked', 'The resource is locked')
    case '57014':
      return new StorageError(544, 'DatabaseTimeout', 'The connection to the database timed out')
    default:
      return undefined
  }
}
