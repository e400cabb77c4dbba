import { z } from 'zod'
import { id, line, pageInput, pageOf, timestamp } from './common.ts'
import { largestFileBytes } from './file-types.ts'
import { versionFields } from './uploads.ts'

export const longestShareDays = 90
const defaultDays = 7

/** `used_up`: opened as often as it may be. A link that is active still opens only while its maker may read the file. */
export const shareStates = ['active', 'expired', 'used_up', 'revoked'] as const
export const shareState = z.enum(shareStates)
export type ShareState = z.infer<typeof shareState>

/** What opens a link besides its address: any text of 8 to 200 characters. */
export const sharePassword = z.string().min(8).max(200)

const target = {
  fileId: id.optional().describe('The file that the link lets people download, always in its newest version.'),
  folderId: id.optional().describe('The folder that the link lets people put files into; they see nothing of it.'),
}

export const createShareInput = z
  .object({
    ...target,
    label: line(1, 200)
      .optional()
      .describe('For finding the link again; people who send files through it see it, too.'),
    expiresInDays: z
      .int()
      .min(1)
      .max(longestShareDays)
      .optional()
      .describe(`1 to 90 days; ${defaultDays} when left out.`),
    expiresAt: timestamp.max(40).optional().describe('Instead of expiresInDays; at most 90 days from now.'),
    password: sharePassword.optional(),
    maxUses: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .describe('Downloads, or files put into the folder; any number when left out.'),
  })
  .refine(({ fileId, folderId }) => (fileId === undefined) !== (folderId === undefined), {
    path: ['fileId'],
    message: 'give either a fileId or a folderId',
  })
  .refine(({ expiresInDays, expiresAt }) => expiresInDays === undefined || expiresAt === undefined, {
    path: ['expiresAt'],
    message: 'give either expiresInDays or expiresAt',
  })
export type CreateShareInput = z.infer<typeof createShareInput>

/** When a link made now ends; undefined for a moment that has passed or is too far away. */
export function expiryOf({ expiresInDays, expiresAt }: CreateShareInput, now: number): string | undefined {
  const dayMs = 24 * 60 * 60 * 1000
  const at = expiresAt ? Date.parse(expiresAt) : now + (expiresInDays ?? defaultDays) * dayMs
  return at > now && at <= now + longestShareDays * dayMs ? new Date(at).toISOString() : undefined
}

export const share = z.object({
  id,
  companyId: id,
  fileId: id.nullable(),
  folderId: id.nullable(),
  label: z.string().nullable(),
  hasPassword: z.boolean(),
  state: shareState,
  expiresAt: timestamp,
  maxUses: z.int().nullable(),
  uses: z.int(),
  createdBy: id,
  createdAt: timestamp,
  revokedAt: timestamp.nullable(),
})
export type Share = z.infer<typeof share>
export const sharePage = pageOf(share)

/** `url` is shown this once: only a hash of it is kept. */
export const createdShare = z.object({ url: z.string(), share })
export type CreatedShare = z.infer<typeof createdShare>

export const listSharesInput = z.object({
  companyId: id,
  fileId: id.optional(),
  folderId: id.optional(),
  state: shareState.optional(),
  ...pageInput.shape,
})
export type ListSharesInput = z.infer<typeof listSharesInput>

export const shareInput = z.object({ shareId: id })

export const revokeAllInput = z
  .object({
    companyId: id,
    fileId: id.optional().describe('The links of this file.'),
    folderId: id
      .optional()
      .describe('The links into this folder. With neither, all links of the company: for its admins.'),
  })
  .refine(({ fileId, folderId }) => fileId === undefined || folderId === undefined, {
    path: ['folderId'],
    message: 'give a fileId, a folderId, or neither',
  })
export type RevokeAllInput = z.infer<typeof revokeAllInput>
export const revokedShares = z.object({ revoked: z.int().describe('How many links could still be opened before.') })

/** What whoever opens a link gets to know: nothing but the file, or that a file may be sent. */
export const sharedFile = z.object({
  filename: z.string(),
  fileSize: z.int().describe('Bytes.'),
  mimeType: z.string(),
  expiresAt: timestamp,
  needsPassword: z.boolean(),
})
export const sharedFolder = z.object({
  label: z.string().nullable(),
  largestFileSize: z.literal(largestFileBytes).describe('Bytes.'),
  expiresAt: timestamp,
  needsPassword: z.boolean(),
})
export type SharedFile = z.infer<typeof sharedFile>
export type SharedFolder = z.infer<typeof sharedFolder>

/** What arrived through a link into a folder. */
export const receivedFile = sharedFile.pick({ filename: true, fileSize: true, mimeType: true })
export type ReceivedFile = z.infer<typeof receivedFile>

/** Sent with a download, as a form or as JSON. */
export const openShareInput = z.object({ password: z.string().max(200).optional() })

/** The fields of a form that sends a file through a link; they stand before the file. */
export const sendThroughLinkFields = versionFields.extend(openShareInput.shape)
