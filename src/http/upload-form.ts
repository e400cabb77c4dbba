import type { Multipart, MultipartFile } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { badInput, DomainError } from '../errors.ts'
import { broken, unlessAborted } from './transfers.ts'

/** What a form that uploads a file brings, read up to where its file begins. */
export interface UploadForm {
  /** The fields that stand before the file; `tags` is a list. */
  fields: Record<string, unknown>
  filename: string
  type: string
  bytes: AsyncIterable<Uint8Array>
  /** Reads on behind the file. @throws {DomainError} BAD_REQUEST when there is anything. */
  end(): Promise<void>
}

const limits = {
  fieldNameSize: 100,
  fieldSize: 4096,
  fields: 40,
  files: 1,
  parts: 41,
  headerPairs: 20,
  headerSize: 8192,
}
const listFields = ['tags']

/** @throws {DomainError} UNSUPPORTED_MEDIA_TYPE for another body than a form, BAD_REQUEST for one that cannot be read. */
export async function openForm(request: FastifyRequest, signal: AbortSignal): Promise<UploadForm> {
  if (!request.isMultipart()) {
    const message =
      'Send the file in a form: content-type multipart/form-data, with the fields first and the file last.'
    throw new DomainError('UNSUPPORTED_MEDIA_TYPE', message)
  }
  const parts = request.parts({
    limits: { ...limits, fileSize: Number.MAX_SAFE_INTEGER },
    preservePath: true,
  })
  const next = async () => {
    const { done, value } = await unlessAborted(signal, parts.next()).catch(unreadable)
    return done ? undefined : value
  }
  const fields: Record<string, unknown> = {}
  for (let part = await next(); part; part = await next()) {
    if (part.type === 'file') return { ...fileOf(part, signal), fields, end: async () => requireNothing(await next()) }
    addField(fields, part)
  }
  return badInput([{ path: 'file', message: 'The form has no file; send it as a part with a file name.' }])
}

type Field = Exclude<Multipart, MultipartFile>

function addField(fields: Record<string, unknown>, { fieldname, value, valueTruncated }: Field): void {
  if (valueTruncated) badInput([{ path: fieldname, message: `must be at most ${limits.fieldSize} bytes long` }])
  if (listFields.includes(fieldname)) {
    const items = String(value)
      .split(',')
      .map((item) => item.trim())
    fields[fieldname] = [...[fields[fieldname] ?? []].flat(), ...items.filter(Boolean)]
  } else if (fieldname in fields) badInput([{ path: fieldname, message: 'is given twice; give it once' }])
  else fields[fieldname] = value
}

function fileOf({ file, filename, mimetype }: MultipartFile, signal: AbortSignal) {
  return { filename: filename ?? '', type: mimetype, bytes: bytesOf(file, signal) }
}

async function* bytesOf(file: MultipartFile['file'], signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const abort = () => file.destroy(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    signal.throwIfAborted()
    yield* file
  } catch (error) {
    throw error instanceof DomainError ? error : broken('The upload ended before its file did')
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function requireNothing(part: Multipart | undefined): void {
  if (part?.type === 'field') badInput([{ path: part.fieldname, message: 'must stand before the file' }])
  if (part) unreadable(new Error('a second file'))
}

// The reader's own errors name its limits in its own words.
function unreadable(cause: unknown): never {
  if (cause instanceof DomainError) throw cause
  const message = 'The form cannot be read to its end; send few short fields first, then one file, then nothing.'
  throw new DomainError('BAD_REQUEST', message, { cause })
}
