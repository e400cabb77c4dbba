import { z } from 'zod'
import { id, pageInput, pageOf, timestamp } from './common.ts'
import { fileInput } from './files.ts'

export const fileVersion = z.object({
  fileId: id,
  version: z.int().describe('Given when the upload begins and never again; one that was given up leaves a gap.'),
  isCurrent: z
    .boolean()
    .describe('The one begun last of those that are there, or an older one that somebody restored since it came.'),
  uploadedBy: id,
  fileSize: z.int().describe('Bytes.'),
  mimeType: z.string(),
  checksum: z.string().nullable().describe('SHA-256 in hexadecimal.'),
  createdAt: timestamp,
})
export type FileVersion = z.infer<typeof fileVersion>

export const listFileVersionsInput = pageInput.extend({ fileId: id })
export type ListFileVersionsInput = z.infer<typeof listFileVersionsInput>
export const fileVersionPage = pageOf(fileVersion)

export const fileVersionInput = fileInput.extend({ version: z.int().min(1).max(2_147_483_647) })
export type FileVersionInput = z.infer<typeof fileVersionInput>
