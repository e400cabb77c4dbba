import { z } from 'zod'
import { id, pageInput, pageOf, timestamp } from './common.ts'
import { fileInput } from './files.ts'

export const fileVersion = z.object({
  fileId: id,
  version: z.int(),
  isCurrent: z.boolean(),
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
