import { z } from 'zod'
import { id } from './common.ts'
import { checksum, file, fileAccess, fileName, fileSize, tags } from './files.ts'

/** What a client says of bytes that it is about to send; what comes is held against it. */
const announced = {
  fileSize,
  mimeType: z
    .string()
    .trim()
    .toLowerCase()
    .max(100)
    .describe('As the client has it, "text/csv" for one; compared with the content.'),
  checksum: checksum.optional().describe('SHA-256 in hexadecimal; where given, the content must have it.'),
}

export const uploadPlace = z.object({
  studioId: id,
  folderId: id.optional().describe('A folder of the studio; left out, the file lies at its top.'),
  filename: fileName,
  accessLevel: fileAccess.default('studio'),
  tags: tags.default([]),
})

export const beginUploadInput = uploadPlace.extend(announced)
export type BeginUploadInput = z.infer<typeof beginUploadInput>

export const beginVersionInput = z.object({ fileId: id, ...announced })
export type BeginVersionInput = z.infer<typeof beginVersionInput>

/** An upload that has begun: the place for its bytes is kept and counted against the company's storage. */
export const upload = z.object({ uploadId: id, file })
export type Upload = z.infer<typeof upload>
