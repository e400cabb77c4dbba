import { and, eq, inArray } from 'drizzle-orm'
import type { Role } from '../../contracts/access.ts'
import type { ListMembersInput, Member, Membership, MembershipStatus } from '../../contracts/members.ts'
import type { Tx } from '../client.ts'
import { behind, newestFirst, type Position } from '../paging.ts'
import { companies, userCompanies, userProfiles } from '../schema/index.ts'

const shown = {
  companyId: userCompanies.companyId,
  userId: userCompanies.userId,
  fullName: userProfiles.fullName,
  role: userCompanies.role,
  status: userCompanies.status,
  joinedAt: userCompanies.joinedAt,
  approvedBy: userCompanies.approvedBy,
  createdAt: userCompanies.createdAt,
}

const one = (companyId: string, userId: string) =>
  and(eq(userCompanies.companyId, companyId), eq(userCompanies.userId, userId))

export function listMembers(tx: Tx, filter: ListMembersInput, after: Position | undefined): Promise<Member[]> {
  return tx
    .select(shown)
    .from(userCompanies)
    .innerJoin(userProfiles, eq(userProfiles.id, userCompanies.userId))
    .where(
      and(
        eq(userCompanies.companyId, filter.companyId),
        filter.status && eq(userCompanies.status, filter.status),
        behind(after, userCompanies.createdAt, userCompanies.userId),
      ),
    )
    .orderBy(newestFirst(userCompanies.createdAt), newestFirst(userCompanies.userId))
    .limit(filter.limit + 1)
}

export async function findMember(tx: Tx, companyId: string, userId: string): Promise<Member | undefined> {
  const rows = await tx
    .select(shown)
    .from(userCompanies)
    .innerJoin(userProfiles, eq(userProfiles.id, userCompanies.userId))
    .where(one(companyId, userId))
  return rows[0]
}

export async function insertJoinRequest(tx: Tx, companyId: string, userId: string): Promise<void> {
  await tx.insert(userCompanies).values({ companyId, userId })
}

/** One guarded move; false when the membership was in none of the states named, so nothing was changed. */
export async function moveMember(
  tx: Tx,
  member: { companyId: string; userId: string },
  from: readonly MembershipStatus[],
  change: { status: MembershipStatus; role?: Role; joinedAt?: string; approvedBy?: string },
): Promise<boolean> {
  const rows = await tx
    .update(userCompanies)
    .set(change)
    .where(and(one(member.companyId, member.userId), inArray(userCompanies.status, [...from])))
    .returning({ id: userCompanies.id })
  return rows.length === 1
}

export async function updateMemberRole(tx: Tx, companyId: string, userId: string, role: Role): Promise<boolean> {
  const rows = await tx
    .update(userCompanies)
    .set({ role })
    .where(and(one(companyId, userId), eq(userCompanies.status, 'approved')))
    .returning({ id: userCompanies.id })
  return rows.length === 1
}

/** The caller's memberships of every state; a company's name is shown once the caller belongs to it. */
export function listMemberships(tx: Tx, userId: string): Promise<Membership[]> {
  return tx
    .select({
      companyId: userCompanies.companyId,
      companyName: companies.name,
      companySlug: companies.slug,
      role: userCompanies.role,
      status: userCompanies.status,
      createdAt: userCompanies.createdAt,
    })
    .from(userCompanies)
    .leftJoin(companies, eq(companies.id, userCompanies.companyId))
    .where(eq(userCompanies.userId, userId))
    .orderBy(newestFirst(userCompanies.createdAt))
    .limit(100)
}
