import { z } from 'zod'
import { id, line, paragraph, timestamp } from './common.ts'
import { largestFileBytes } from './file-types.ts'

export const fileAccessLevels = ['private', 'studio', 'company'] as const
export const fileAccess = z
  .enum(fileAccessLevels)
  .describe(
    'private: only its owner; studio: everybody who may enter the studio; company: every member of the company.',
  )
export type FileAccess = z.infer<typeof fileAccess>

/** `uploading` until its bytes are there and checked. */
export const fileStatuses = ['uploading', 'ready'] as const
export type FileStatus = (typeof fileStatuses)[number]

export const fileUsages = ['input', 'output'] as const
export type FileUsage = (typeof fileUsages)[number]

/** A name as people write it, any script; it never becomes a path. */
export const fileName = z
  .string()
  .trim()
  .min(1)
  .max(255)
  .regex(/^[^/\\\p{Cc}\p{Cs}]*$/u, 'must not contain slashes, backslashes or control characters')
  .refine((name) => name !== '.' && name !== '..', 'must be a name and not a path')

/** SHA-256 of the bytes, in hexadecimal. */
export const checksum = z
  .string()
  .toLowerCase()
  .max(64)
  .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal: 64 digits')

export const fileSize = z.int().min(1).max(largestFileBytes).describe('Bytes, 1 to 104,857,600 (100 MB).')

export const tag = z
  .string()
  .trim()
  .min(1)
  .max(50)
  .regex(/^[^\p{Cc}\p{Cs},]*$/u, 'must not contain commas or control characters')
export const tags = z
  .array(tag)
  .max(20)
  .transform((given) => [...new Set(given)])

export const file = z.object({
  id,
  companyId: id,
  studioId: id,
  folderId: id.nullable(),
  uploadedBy: id,
  filename: z.string(),
  fileSize: z.int().describe('Bytes.'),
  mimeType: z.string(),
  checksum: z.string().nullable().describe('SHA-256 in hexadecimal; null while the file is uploaded.'),
  status: z.enum(fileStatuses),
  version: z.int(),
  accessLevel: fileAccess,
  tags: z.array(z.string()),
  uploadedAt: timestamp,
  lastAccessedAt: timestamp.nullable(),
  deletedAt: timestamp.nullable().describe('When it went into the trash.'),
  updatedAt: timestamp,
})
export type File = z.infer<typeof file>

export const largestMetadataBytes = 8 * 1024

/** Fields of the people's own, one level deep. */
export const fileMetadata = z
  .record(line(1, 100), z.union([paragraph(2000), z.number().min(-1e15).max(1e15), z.boolean(), z.null()]))
  .refine((given) => new TextEncoder().encode(JSON.stringify(given)).length <= largestMetadataBytes, {
    message: 'must be at most 8 KB as JSON',
  })

/** One file with what people noted of it. */
export const fileDetails = file.extend({ metadata: z.record(z.string(), z.unknown()) })
export type FileDetails = z.infer<typeof fileDetails>

export const fileInput = z.object({ fileId: id })

/** How full a company's storage is: from 80 % on it is `nearly_full`. */
export const storageLevels = ['ok', 'nearly_full', 'full'] as const
export const storageUsage = z.object({
  companyId: id,
  usedBytes: z.int(),
  maxBytes: z.int(),
  level: z.enum(storageLevels),
  message: z.string().nullable().describe('What the level means and what to do; null while all is well.'),
})
export type StorageUsage = z.infer<typeof storageUsage>
