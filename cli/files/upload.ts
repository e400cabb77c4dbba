import { createHash } from 'node:crypto'
import { createReadStream, existsSync, statSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { request } from 'undici'
import type { StudiosClient } from '../../src/client.ts'
import { typeOfEnding } from '../../src/contracts/file-types.ts'
import type { File, FileAccess } from '../../src/contracts/files.ts'
import { showingProgress } from '../progress.ts'

/** Where a file goes: into a studio, or, with `fileId`, as the next version of a file that is there. */
export interface UploadTarget {
  studioId?: string | undefined
  fileId?: string | undefined
  folderId?: string | undefined
  accessLevel?: FileAccess | undefined
  tags?: string[] | undefined
}

/** Sends a file of this machine straight to the storage and has it checked; its SHA-256 is told beforehand. */
export async function uploadFrom(api: StudiosClient, path: string, target: UploadTarget): Promise<File> {
  if (!existsSync(path)) throw new Error(`There is no file ${path}; check its name and the folder you are in.`)
  const filename = basename(path)
  const { size: fileSize } = statSync(path)
  const mimeType = typeOfEnding[extname(filename).slice(1).toLowerCase()] ?? 'application/octet-stream'
  const content = { fileSize, mimeType, checksum: await sha256Of(path) }
  const { uploadId, uploadUrl } = await begin(api, { ...content, filename }, target)
  try {
    const body = createReadStream(path).pipe(showingProgress(filename, fileSize))
    const headers = { 'content-type': mimeType, 'content-length': String(fileSize) }
    const answer = await request(uploadUrl, { method: 'PUT', headers, body })
    if (answer.statusCode >= 400) throw new Error(`The storage refused the file: ${await answer.body.text()}`)
    await answer.body.dump()
    return await api.files.confirmUpload.mutate({ uploadId })
  } catch (error) {
    await api.files.abandonUpload.mutate({ uploadId }).catch(() => undefined)
    throw error
  }
}

type Announced = Parameters<StudiosClient['files']['beginVersion']['mutate']>[0]

function begin(api: StudiosClient, content: Omit<Announced, 'fileId'> & { filename: string }, target: UploadTarget) {
  const { studioId, fileId, folderId, accessLevel, tags } = target
  const { filename, ...announced } = content
  if (fileId) return api.files.beginVersion.mutate({ fileId, ...announced })
  if (!studioId)
    throw new Error('Say where the file goes: --studioId for a new file, --fileId for a new version of one.')
  return api.files.beginUpload.mutate({ studioId, folderId, accessLevel, tags, filename, ...announced })
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
