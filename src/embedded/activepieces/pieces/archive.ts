import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { z } from 'zod'
import { parseJson } from '../json.ts'

const unzip = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip)
const largestContent = 64 * 1024 * 1024
const block = 512
const manifestPath = /^[^/]+\/package\.json$/
const manifest = z.object({ name: z.string(), version: z.string() })

/** Name and version of the package in a gzipped tar as npm packs it; undefined where there is none. */
export async function readPackage(archive: Buffer): Promise<z.output<typeof manifest> | undefined> {
  try {
    const content = await unzip(archive, { maxOutputLength: largestContent })
    const text = findEntry(content)
    return text === undefined ? undefined : manifest.safeParse(parseJson(text)).data
  } catch {
    return undefined
  }
}

function findEntry(tar: Buffer): string | undefined {
  for (let at = 0; at + block <= tar.length; ) {
    const name = tar.toString('utf8', at, at + 100).replace(/\0.*$/s, '')
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8) || 0
    const start = at + block
    if (manifestPath.test(name)) return tar.toString('utf8', start, start + size)
    at = start + Math.ceil(size / block) * block
  }
  return undefined
}
