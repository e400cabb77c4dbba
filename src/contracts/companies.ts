import { z } from 'zod'
import { role } from './access.ts'
import { email, id, line, pageInput, pageOf, phone, timestamp } from './common.ts'

export const industryTypes = [
  'technology',
  'healthcare',
  'finance',
  'retail',
  'manufacturing',
  'education',
  'consulting',
  'other',
] as const

export const companyStatuses = ['active', 'suspended'] as const
export const planNames = ['free', 'pro', 'enterprise'] as const

export const branch = z.object({
  name: line(1, 100).describe('Unique within the company, upper and lower case alike.'),
  address: line(5, 500),
  contactEmail: email.optional(),
  contactPhone: phone.optional(),
})
export type Branch = z.infer<typeof branch>

export const mostBranches = 200

const companyFields = {
  name: line(3, 100),
  industryType: z.enum(industryTypes),
  contactEmail: email,
  contactPhone: phone.optional(),
  headquartersAddress: line(10, 500),
}

/** `name` is unique among the companies that one person registered. */
export const createCompanyInput = z.object({
  ...companyFields,
  branches: z.array(branch).max(mostBranches).default([]),
})
export type CreateCompanyInput = z.infer<typeof createCompanyInput>

export const updateCompanyInput = z.object({
  companyId: id,
  name: companyFields.name.optional(),
  industryType: companyFields.industryType.optional(),
  contactEmail: email.optional(),
  contactPhone: phone.nullable().optional().describe('null removes the number.'),
  headquartersAddress: companyFields.headquartersAddress.optional(),
})
export type UpdateCompanyInput = z.infer<typeof updateCompanyInput>

export const companyInput = z.object({ companyId: id })
export const listCompaniesInput = pageInput

export const addBranchInput = z.object({ companyId: id, ...branch.shape })
export const updateBranchInput = z.object({
  companyId: id,
  branchName: line(1, 100).describe('The name the branch has now.'),
  name: branch.shape.name.optional(),
  address: branch.shape.address.optional(),
  contactEmail: email.nullable().optional(),
  contactPhone: phone.nullable().optional(),
})
export const removeBranchInput = z.object({ companyId: id, branchName: line(1, 100) })
export type AddBranchInput = z.infer<typeof addBranchInput>
export type UpdateBranchInput = z.infer<typeof updateBranchInput>
export type RemoveBranchInput = z.infer<typeof removeBranchInput>

/** `role` is the caller's own role in the company. */
export const company = z.object({
  id,
  name: z.string(),
  slug: z.string(),
  industryType: z.enum(industryTypes),
  contactEmail: z.string(),
  contactPhone: z.string().nullable(),
  headquartersAddress: z.string(),
  branches: z.array(branch),
  plan: z.enum(planNames),
  status: z.enum(companyStatuses),
  role,
  createdAt: timestamp,
  updatedAt: timestamp,
})
export type Company = z.infer<typeof company>
export const companyPage = pageOf(company)
