import { gzipSync } from 'node:zlib'

/** The recording's payloads and waits are made this much smaller. */
const scale = 10
/** Long enough to be seen under way. */
const slowMs = 1000
const slowFlow = /^60\d\d$/
const tarBlock = 512

/** What a recorded request carried: JSON, raw text, so many bytes, or the archive of a piece. */
export function recordedBody(body: unknown, sink: string): string | FormData {
  if (typeof body !== 'string') return shrink(JSON.stringify(body)).replaceAll('http://<host>', sink)
  const [, name, version] = /^<archive of (.+)@(.+)>$/.exec(body) ?? []
  if (name !== undefined && version !== undefined) return archiveForm(name, version)
  const size = /^<(\d+) bytes>$/.exec(body)?.[1]
  return size === undefined ? body : JSON.stringify({ ms: 1, pad: 'x'.repeat(Math.floor(Number(size) / scale)) })
}

function shrink(body: string): string {
  return body
    .replace(/"ms":(\d+)/g, (found, ms: string) => (slowFlow.test(ms) ? `"ms":${slowMs}` : found))
    .replace(/(?<=setTimeout\(r,)\d+(?=\))/g, (ms) => String(Math.ceil(Number(ms) / scale)))
}

function archiveForm(name: string, version: string): FormData {
  const form = new FormData()
  form.set('packageType', 'ARCHIVE')
  form.set('pieceArchive', new Blob([packedPackage(name, version)]), 'piece.tgz')
  return form
}

/** A package as npm packs it, with nothing in it but its package.json. */
export function packedPackage(name: string, version: string): Uint8Array<ArrayBuffer> {
  const text = Buffer.from(JSON.stringify({ name, version }))
  const header = Buffer.alloc(tarBlock)
  header.write('package/package.json')
  header.write(text.length.toString(8).padStart(11, '0'), 124)
  const padding = Buffer.alloc(tarBlock - (text.length % tarBlock) + 2 * tarBlock)
  return new Uint8Array(gzipSync(Buffer.concat([header, text, padding])))
}
