import { z } from 'zod'
import { id, line, timestamp } from './common.ts'

export const userStatuses = ['active', 'inactive'] as const

export const profile = z.object({
  id,
  email: z.string(),
  fullName: z.string(),
  status: z.enum(userStatuses),
  createdAt: timestamp,
  lastLoginAt: timestamp.nullable(),
})
export type Profile = z.infer<typeof profile>

export const updateProfileInput = z.object({ fullName: line(2, 100) })
export type UpdateProfileInput = z.infer<typeof updateProfileInput>
