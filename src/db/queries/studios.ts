import { and, eq, isNull, sql } from 'drizzle-orm'
import type {
  CreateStudioInput,
  ListStudiosInput,
  Studio,
  StudioMember,
  UpdateStudioInput,
} from '../../contracts/studios.ts'
import type { Tx } from '../client.ts'
import { behind, newestFirst, type Position } from '../paging.ts'
import { studioMembers, studios, userProfiles } from '../schema/index.ts'

export function listStudios(tx: Tx, filter: ListStudiosInput, after: Position | undefined): Promise<Studio[]> {
  return tx
    .select()
    .from(studios)
    .where(
      and(
        eq(studios.companyId, filter.companyId),
        filter.businessArea && eq(studios.businessArea, filter.businessArea),
        filter.includeArchived ? undefined : isNull(studios.archivedAt),
        behind(after, studios.createdAt, studios.id),
      ),
    )
    .orderBy(newestFirst(studios.createdAt), newestFirst(studios.id))
    .limit(filter.limit + 1)
}

export async function findStudio(tx: Tx, studioId: string): Promise<Studio | undefined> {
  const rows = await tx.select().from(studios).where(eq(studios.id, studioId))
  return rows[0]
}

export async function insertStudio(tx: Tx, studio: CreateStudioInput & { createdBy: string }): Promise<Studio> {
  const [row] = await tx.insert(studios).values(studio).returning()
  if (!row) throw new Error('an inserted studio was not returned')
  return row
}

export async function updateStudio(
  tx: Tx,
  studioId: string,
  change: Omit<UpdateStudioInput, 'studioId'>,
): Promise<Studio | undefined> {
  const rows = await tx.update(studios).set(change).where(eq(studios.id, studioId)).returning()
  return rows[0]
}

/** Undefined when the studio was archived already, so nothing was changed. */
export async function archiveStudio(tx: Tx, studioId: string): Promise<Studio | undefined> {
  const rows = await tx
    .update(studios)
    .set({ archivedAt: sql`now()` })
    .where(and(eq(studios.id, studioId), isNull(studios.archivedAt)))
    .returning()
  return rows[0]
}

const memberColumns = {
  studioId: studioMembers.studioId,
  userId: studioMembers.userId,
  fullName: userProfiles.fullName,
  createdAt: studioMembers.createdAt,
}

type StudioKey = Pick<Studio, 'id' | 'companyId'>
const within = (studio: StudioKey) =>
  and(eq(studioMembers.companyId, studio.companyId), eq(studioMembers.studioId, studio.id))

export function listStudioMembers(
  tx: Tx,
  studio: StudioKey,
  limit: number,
  after: Position | undefined,
): Promise<StudioMember[]> {
  return tx
    .select(memberColumns)
    .from(studioMembers)
    .innerJoin(userProfiles, eq(userProfiles.id, studioMembers.userId))
    .where(and(within(studio), behind(after, studioMembers.createdAt, studioMembers.userId)))
    .orderBy(newestFirst(studioMembers.createdAt), newestFirst(studioMembers.userId))
    .limit(limit + 1)
}

export async function findStudioMember(tx: Tx, studio: StudioKey, userId: string): Promise<StudioMember | undefined> {
  const rows = await tx
    .select(memberColumns)
    .from(studioMembers)
    .innerJoin(userProfiles, eq(userProfiles.id, studioMembers.userId))
    .where(and(within(studio), eq(studioMembers.userId, userId)))
  return rows[0]
}

export async function insertStudioMember(tx: Tx, studio: StudioKey, userId: string): Promise<void> {
  await tx.insert(studioMembers).values({ companyId: studio.companyId, studioId: studio.id, userId })
}

export async function deleteStudioMember(tx: Tx, studio: StudioKey, userId: string): Promise<boolean> {
  const rows = await tx
    .delete(studioMembers)
    .where(and(within(studio), eq(studioMembers.userId, userId)))
    .returning({ userId: studioMembers.userId })
  return rows.length === 1
}
