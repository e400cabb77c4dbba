import { z } from 'zod'
import { id } from './common.ts'
import { fileTypes } from './file-types.ts'

export const defaultTrashDays = 30

const allowedTypes = z.array(z.enum(fileTypes)).min(1).max(fileTypes.length)
const trashDays = z.int().min(1).max(365)

/** What a company takes, and for how long its trash is kept. */
export const filePolicy = z.object({
  companyId: id,
  allowedTypes: allowedTypes.describe('Types of files that may be uploaded.'),
  trashDays: trashDays.describe('After so many days in the trash a file is deleted for good.'),
})
export type FilePolicy = z.infer<typeof filePolicy>

export const filePolicyInput = z.object({ companyId: id })

/** What is left out stays as it is; null goes back to what every company begins with: all types, 30 days. */
export const setFilePolicyInput = filePolicyInput.extend({
  allowedTypes: allowedTypes
    .transform((given) => [...new Set(given)])
    .nullable()
    .optional(),
  trashDays: trashDays.nullable().optional(),
})
export type SetFilePolicyInput = z.infer<typeof setFilePolicyInput>
