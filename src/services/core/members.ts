import type {
  ApproveMemberInput,
  ChangeRoleInput,
  ListMembersInput,
  Member,
  MemberInput,
  Membership,
  MembershipStatus,
} from '../../contracts/members.ts'
import type { Tx } from '../../db/client.ts'
import { readCursor, toPage } from '../../db/paging.ts'
import { findCompanyIdBySlug } from '../../db/queries/companies.ts'
import * as queries from '../../db/queries/members.ts'
import { DomainError, notFound } from '../../errors.ts'
import type { ServiceContext } from '../context.ts'
import { missing, requireRole, requireSession } from './access.ts'

/**
 * Asks to join the company with this short name; an admin of it decides.
 * @throws {DomainError} NOT_FOUND for an unknown name, CONFLICT when the caller belongs to it or has asked already.
 */
export async function requestJoin(
  ctx: ServiceContext,
  slug: string,
): Promise<{ companyId: string; status: MembershipStatus }> {
  return ctx.transaction(async (tx) => {
    const companyId = (await findCompanyIdBySlug(tx, slug)) ?? (await missing(tx, 'company', slug))
    const me = { companyId, userId: ctx.caller.userId }
    const asksAgain = await queries.moveMember(tx, me, ['rejected'], { status: 'pending' })
    if (!asksAgain) await queries.insertJoinRequest(tx, companyId, ctx.caller.userId)
    return { companyId, status: 'pending' }
  })
}

/** Members, newest first; who has asked to join is shown to admins. */
export async function listMembers(ctx: ServiceContext, input: ListMembersInput) {
  const after = readCursor(input.cursor)
  return ctx.read(async (tx) => {
    const rows = await queries.listMembers(tx, input, after)
    await requireRole(tx, input.companyId, 'viewer')
    return toPage(rows, input.limit, (row) => ({ at: row.createdAt, id: row.userId }))
  })
}

/** Lets somebody in who asked, or who had been revoked. @throws {DomainError} QUOTA_EXCEEDED when the plan's places are taken. */
export function approveMember(ctx: ServiceContext, input: ApproveMemberInput): Promise<Member> {
  const decided = {
    status: 'approved',
    role: input.role,
    joinedAt: new Date().toISOString(),
    approvedBy: ctx.caller.userId,
  } as const
  return asAdmin(ctx, input, (tx) => queries.moveMember(tx, input, ['pending', 'inactive'], decided))
}

export function rejectMember(ctx: ServiceContext, input: MemberInput): Promise<Member> {
  return asAdmin(ctx, input, (tx) => queries.moveMember(tx, input, ['pending'], { status: 'rejected' }))
}

/** @throws {DomainError} PRECONDITION_FAILED for the last admin of the company. */
export function changeRole(ctx: ServiceContext, input: ChangeRoleInput): Promise<Member> {
  return asAdmin(ctx, input, (tx) => queries.updateMemberRole(tx, input.companyId, input.userId, input.role))
}

/** @throws {DomainError} PRECONDITION_FAILED for the last admin of the company. */
export function revokeMember(ctx: ServiceContext, input: MemberInput): Promise<Member> {
  return asAdmin(ctx, input, (tx) => queries.moveMember(tx, input, ['approved'], { status: 'inactive' }))
}

/** Leaves the company. @throws {DomainError} PRECONDITION_FAILED for its last admin. */
export async function leaveCompany(
  ctx: ServiceContext,
  companyId: string,
): Promise<{ companyId: string; status: MembershipStatus }> {
  return ctx.transaction(async (tx) => {
    await requireRole(tx, companyId, 'viewer')
    const me = { companyId, userId: ctx.caller.userId }
    const hasLeft = await queries.moveMember(tx, me, ['approved'], { status: 'inactive' })
    return hasLeft ? { companyId, status: 'inactive' } : notFound('company', companyId)
  })
}

/** The caller's memberships of every state, newest first, at most 100. */
export async function listMyCompanies(ctx: ServiceContext): Promise<{ items: Membership[] }> {
  return ctx.read(async (tx) => {
    const items = await queries.listMemberships(tx, ctx.caller.userId)
    if (items.length === 0) await requireSession(tx)
    return { items }
  })
}

async function asAdmin(
  ctx: ServiceContext,
  { companyId, userId }: MemberInput,
  move: (tx: Tx) => Promise<boolean>,
): Promise<Member> {
  return ctx.transaction(async (tx) => {
    await requireRole(tx, companyId, 'admin')
    const hasMoved = await move(tx)
    const member = (await queries.findMember(tx, companyId, userId)) ?? notFound('member', userId)
    return hasMoved ? member : refuseMove(member)
  })
}

function refuseMove(member: Member): never {
  throw new DomainError('PRECONDITION_FAILED', `This membership is ${member.status}, so this cannot be done with it.`)
}
