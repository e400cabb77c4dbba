import { z } from 'zod'
import { id } from './common.ts'
import { checksum, file, fileAccess, fileName, fileSize, storageUsage, tags } from './files.ts'

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

/** The fields of a form that sends the next version of a file; they stand before the file itself. */
export const versionFields = z.strictObject({
  size: z.coerce.number().pipe(fileSize).optional().describe('Bytes; where given, the content must have as many.'),
  type: announced.mimeType.optional().describe('Instead of the content type of the form’s file part.'),
  checksum: announced.checksum,
})

/** The fields of a form that sends a new file. */
export const uploadFields = versionFields.extend({
  filename: fileName.optional().describe('Instead of the file name of the form’s file part.'),
  folderId: uploadPlace.shape.folderId,
  accessLevel: uploadPlace.shape.accessLevel,
  tags: uploadPlace.shape.tags.describe('The field repeated, or one list separated by commas.'),
})

/** A file whose new content is there. */
export const uploadedFile = file.extend({
  storage: storageUsage.nullable().describe('How full the storage is, once it is nearly full; null before.'),
})
export type UploadedFile = z.infer<typeof uploadedFile>
