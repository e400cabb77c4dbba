import { z } from 'zod'
import { role } from './access.ts'
import { id, line, pageInput, pageOf, timestamp } from './common.ts'

export const membershipStatuses = ['pending', 'approved', 'rejected', 'inactive'] as const
export const membershipStatus = z.enum(membershipStatuses)
export type MembershipStatus = z.infer<typeof membershipStatus>

/** Legal moves of a membership (DATA-MODEL, "State tables"). */
export const membershipMoves = {
  pending: ['approved', 'rejected'],
  approved: ['inactive'],
  inactive: ['approved'],
  rejected: ['pending'],
} as const satisfies Record<MembershipStatus, readonly MembershipStatus[]>

export const requestJoinInput = z.object({
  slug: line(3, 100).describe("The company's short name, from an invitation."),
})

export const membership = z.object({
  companyId: id,
  companyName: z.string().nullable().describe('null until the request to join is approved.'),
  companySlug: z.string().nullable(),
  role,
  status: membershipStatus,
  createdAt: timestamp,
})
export type Membership = z.infer<typeof membership>

export const member = z.object({
  companyId: id,
  userId: id,
  fullName: z.string(),
  role,
  status: membershipStatus,
  joinedAt: timestamp.nullable(),
  approvedBy: id.nullable(),
  createdAt: timestamp,
})
export type Member = z.infer<typeof member>

export const listMembersInput = z.object({ companyId: id, status: membershipStatus.optional(), ...pageInput.shape })
export type ListMembersInput = z.infer<typeof listMembersInput>
export const memberPage = pageOf(member)

export const memberInput = z.object({ companyId: id, userId: id })
export type MemberInput = z.infer<typeof memberInput>
export const approveMemberInput = z.object({ ...memberInput.shape, role: role.default('member') })
export type ApproveMemberInput = z.infer<typeof approveMemberInput>
export const changeRoleInput = z.object({ ...memberInput.shape, role })
export type ChangeRoleInput = z.infer<typeof changeRoleInput>
