import { z } from 'zod'
import { businessArea, id, line, pageInput, pageOf, paragraph, timestamp } from './common.ts'

export const studioAccessKinds = ['company', 'restricted'] as const
export const studioAccess = z
  .enum(studioAccessKinds)
  .describe('company: every member enters; restricted: only admins and the members named.')

export const createStudioInput = z.object({
  companyId: id,
  name: line(3, 100).describe('Unique within the company, upper and lower case alike.'),
  description: paragraph(2000).optional(),
  businessArea,
  access: studioAccess.default('company'),
})
export type CreateStudioInput = z.infer<typeof createStudioInput>

export const updateStudioInput = z.object({
  studioId: id,
  name: createStudioInput.shape.name.optional(),
  description: paragraph(2000).nullable().optional(),
  businessArea: businessArea.optional(),
  access: studioAccess.optional().describe('Only an admin changes who may enter.'),
})
export type UpdateStudioInput = z.infer<typeof updateStudioInput>

export const listStudiosInput = z.object({
  companyId: id,
  businessArea: businessArea.optional(),
  includeArchived: z.boolean().default(false),
  ...pageInput.shape,
})
export type ListStudiosInput = z.infer<typeof listStudiosInput>

export const studioInput = z.object({ studioId: id })
export const studioMemberInput = z.object({ studioId: id, userId: id })
export type StudioMemberInput = z.infer<typeof studioMemberInput>

export const studio = z.object({
  id,
  companyId: id,
  name: z.string(),
  description: z.string().nullable(),
  businessArea,
  access: studioAccess,
  createdBy: id,
  archivedAt: timestamp.nullable(),
  createdAt: timestamp,
  updatedAt: timestamp,
})
export type Studio = z.infer<typeof studio>
export const studioPage = pageOf(studio)

export const studioMember = z.object({ studioId: id, userId: id, fullName: z.string(), createdAt: timestamp })
export type StudioMember = z.infer<typeof studioMember>
export const studioMemberPage = pageOf(studioMember)
export const listStudioMembersInput = z.object({ studioId: id, ...pageInput.shape })
export type ListStudioMembersInput = z.infer<typeof listStudioMembersInput>
