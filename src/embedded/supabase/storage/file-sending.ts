import type { FileHandle } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { giveBack } from './give-back.ts'
import type { ByteRange } from './ranges.ts'

const bufferBytes = 256 * 1024

/**
 * Sends part of a file as the body of an answer and closes the file: while one buffer is on its way the other is filled.
 * An answer that cannot be sent to its end is broken off.
 */
export async function sendFile(
  response: ServerResponse,
  file: FileHandle,
  range: ByteRange,
  ending: AbortSignal,
): Promise<void> {
  const breakOff = () => response.destroy()
  ending.addEventListener('abort', breakOff, { once: true })
  try {
    ending.throwIfAborted()
    await sendRange(response, file, range)
    response.end()
  } catch {
    breakOff()
  } finally {
    ending.removeEventListener('abort', breakOff)
    await file.close()
  }
}

async function sendRange(response: ServerResponse, file: FileHandle, { start, end }: ByteRange): Promise<void> {
  const size = Math.min(bufferBytes, end - start + 1)
  const buffers = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(start + size <= end ? size : 0)]
  let sent = Promise.resolve()
  for (let [position, turn] = [start, 0]; position <= end; turn = 1 - turn) {
    const buffer = buffers[turn] ?? Buffer.alloc(0)
    const { bytesRead } = await file.read(buffer, 0, Math.min(size, end + 1 - position), position)
    await sent
    if (bytesRead === 0) throw new Error('an object has fewer bytes than its row says')
    sent = write(response, buffer.subarray(0, bytesRead))
    sent.catch(() => undefined)
    position += bytesRead
  }
  await sent
  for (const buffer of buffers) giveBack(buffer)
}

/** Resolves once the system has taken the bytes; rejects when the connection ends before. */
function write(response: ServerResponse, bytes: Buffer): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const gone = () => reject(new Error('the connection ended'))
  response.once('close', gone)
  response.write(bytes, (error) => {
    response.off('close', gone)
    if (error) reject(error)
    else resolve()
  })
  return promise
}
