import { createHash } from 'node:crypto'
import { largestFileBytes } from '../../../contracts/file-types.ts'
import type { ReceivedContent } from '../../../db/queries/uploads.ts'
import { badInput, DomainError } from '../../../errors.ts'
import { headBytes } from './content-type.ts'

/** What a client said of its bytes; each is held against what comes. */
export interface Announced {
  size: number | undefined
  checksum: string | undefined
}

type Size = Omit<ReceivedContent, 'type'>

/** Bytes on their way in. */
export interface Measured {
  /** The beginning of the content: all of it when it is short. */
  head: Uint8Array
  /**
   * The whole content, the head included; `look` sees every chunk of it and may throw. Ends with an error instead of the last
   * chunk when it is not as announced. The memory of a chunk is given back when the next one is asked for.
   */
  open(look: (chunk: Uint8Array) => void): AsyncIterable<Uint8Array>
  /** Exact once all bytes have come. */
  found(): Size
}

/** Reads the beginning, and measures the rest as it streams through; nothing is held but the head and one chunk. */
export async function measure(source: AsyncIterable<Uint8Array>, announced: Announced): Promise<Measured> {
  const hash = createHash('sha256')
  let size = 0
  let checksum = ''
  const most = announced.size ?? largestFileBytes
  const chunks = source[Symbol.asyncIterator]()
  const next = async () => {
    const { done, value } = await chunks.next()
    if (done) return undefined
    size += value.length
    if (size > most) tooMuch(announced.size)
    hash.update(value)
    return value
  }
  const start: Uint8Array[] = []
  for (let chunk = await next(); chunk; chunk = size < headBytes ? await next() : undefined) start.push(chunk)
  async function* whole(look: (chunk: Uint8Array) => void) {
    try {
      // The last chunk waits until everything is known to be right: a storage that has not got all of it keeps nothing.
      let held: Uint8Array | undefined
      for (let chunk = start.shift() ?? (await next()); chunk; chunk = start.shift() ?? (await next())) {
        look(chunk)
        if (held) yield* lent(held)
        held = chunk
      }
      checksum = hash.digest('hex')
      requireAsAnnounced({ size, checksum }, announced)
      if (held) yield* lent(held)
    } finally {
      await chunks.return?.()
    }
  }
  return {
    head: Buffer.concat(start).subarray(0, headBytes),
    open: whole,
    found: () => ({ size, checksum }),
  }
}

// Left to the garbage collector, the memory of what passed would make it go through the whole heap again and again. Whoever asks
// for nothing more may not be done with the last chunk; and what shares its memory keeps it.
function* lent(chunk: Uint8Array): Generator<Uint8Array> {
  yield chunk
  const { buffer, byteLength } = chunk
  if (byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) buffer.transfer(0)
}

/** @throws {DomainError} BAD_REQUEST naming what was announced and what came. */
export function requireAsAnnounced(came: Size, { size, checksum }: Announced): void {
  if (came.size === 0) badInput([{ path: 'file', message: 'The file is empty; send one of at least one byte.' }])
  if (size !== undefined && came.size !== size) badInput([wrongSize(size, `${came.size} bytes came`)])
  if (checksum !== undefined && came.checksum !== checksum) {
    const message = `The SHA-256 was announced as ${checksum}, but that of the content is ${came.checksum}; send it again.`
    badInput([{ path: 'checksum', message }])
  }
}

function tooMuch(announced: number | undefined): never {
  if (announced !== undefined) badInput([wrongSize(announced, 'more came')])
  throw new DomainError('PAYLOAD_TOO_LARGE', 'The file is larger than 100 MB; send a smaller one.')
}

function wrongSize(announced: number, came: string) {
  return {
    path: 'size',
    message: `The file was announced with ${announced} bytes, but ${came}; announce its real size.`,
  }
}
