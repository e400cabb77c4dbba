import { z } from 'zod'
import { id, timestamp } from './common.ts'
import { checksum, file, fileAccess, fileInput, fileName, fileSize, storageUsage, tags } from './files.ts'

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
  uploadedVersion: z
    .int()
    .describe('The number of what was sent now; below `version` when a version begun after it was there before it.'),
  storage: storageUsage.nullable().describe('How full the storage is, once it is nearly full; null before.'),
})
export type UploadedFile = z.infer<typeof uploadedFile>

/** An upload whose bytes go straight to the storage; confirmed afterwards, and nothing of it stays when it is not. */
export const directUpload = upload.extend({
  uploadUrl: z.string().describe('Send the bytes there with PUT, once; whoever has this address may.'),
  expiresAt: timestamp.describe('Confirm the upload by then, or it is given up.'),
})
export type DirectUpload = z.infer<typeof directUpload>

export const uploadInput = z.object({ uploadId: id })

export const downloadLinkInput = fileInput.extend({
  version: z.int().min(1).max(2_147_483_647).optional().describe('Left out, the current one.'),
  expiresInSeconds: z.int().min(1).max(3600).default(300).describe('For how long the link opens the file, 1 to 3,600.'),
})
export type DownloadLinkInput = z.infer<typeof downloadLinkInput>

export const downloadLink = z.object({
  url: z.string().describe('Opens the content to everybody who has it.'),
  expiresAt: timestamp,
})
export type DownloadLink = z.infer<typeof downloadLink>
