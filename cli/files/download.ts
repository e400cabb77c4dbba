import { createHash } from 'node:crypto'
import { createWriteStream, existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { request } from 'undici'
import type { StudiosClient } from '../../src/client.ts'
import { showingProgress } from '../progress.ts'

export interface DownloadTarget {
  /** A file or a folder of this machine; the folder one is in, under the file's own name, when left out. */
  to?: string | undefined
  isOverwriting: boolean
}

/** Saves a file of a studio here, under another name until all of it has come and has the right checksum. */
export async function downloadTo(api: StudiosClient, fileId: string, { to, isOverwriting }: DownloadTarget) {
  const file = await api.files.byId.query({ fileId })
  const path = placeFor(to ?? '.', file.filename)
  if (existsSync(path) && !isOverwriting)
    throw new Error(`There is a file ${path} already; give --to another name, or --force to replace it.`)
  const { url } = await api.files.downloadLink.mutate({ fileId })
  const part = `${path}.part`
  try {
    const answer = await request(url)
    if (answer.statusCode >= 400) throw new Error(`The storage gave no file: ${await answer.body.text()}`)
    const hash = createHash('sha256')
    const progress = showingProgress(file.filename, file.fileSize).on('data', (chunk: Buffer) => hash.update(chunk))
    await pipeline(answer.body, progress, createWriteStream(part))
    const found = hash.digest('hex')
    if (found !== file.checksum)
      throw new Error(`The file came with another content than it has: SHA-256 ${found} instead of ${file.checksum}.`)
    renameSync(part, path)
    return { path, bytes: file.fileSize }
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}

function placeFor(to: string, filename: string): string {
  return existsSync(to) && statSync(to).isDirectory() ? join(to, filename) : to
}
