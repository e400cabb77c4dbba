/**
 * Frees the memory of bytes that nobody needs any more; they are empty afterwards. Waiting for the garbage collector would make
 * it go through the whole heap every few dozen megabytes, which costs more than to move them. Bytes that share their memory stay.
 */
export function giveBack({ buffer, byteLength }: Uint8Array): void {
  if (byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) buffer.transfer(0)
}
