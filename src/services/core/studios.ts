import type { Role } from '../../contracts/access.ts'
import type {
  CreateStudioInput,
  ListStudioMembersInput,
  ListStudiosInput,
  Studio,
  StudioMember,
  StudioMemberInput,
  UpdateStudioInput,
} from '../../contracts/studios.ts'
import type { Tx } from '../../db/client.ts'
import { readCursor, toPage } from '../../db/paging.ts'
import { findMember } from '../../db/queries/members.ts'
import * as queries from '../../db/queries/studios.ts'
import { DomainError, notFound } from '../../errors.ts'
import type { ServiceContext } from '../context.ts'
import { missing, requireRole } from './access.ts'

/**
 * Opens a studio.
 * @throws {DomainError} CONFLICT for a name in use, QUOTA_EXCEEDED when the plan's studios are all in use,
 * FORBIDDEN for viewers, and for members who ask for a restricted one.
 */
export async function createStudio(ctx: ServiceContext, input: CreateStudioInput): Promise<Studio> {
  return ctx.transaction(async (tx) => {
    await requireRole(tx, input.companyId, 'member')
    return queries.insertStudio(tx, { ...input, createdBy: ctx.caller.userId })
  })
}

/** The studios that the caller may enter, newest first; archived ones only when asked for. */
export async function listStudios(ctx: ServiceContext, input: ListStudiosInput) {
  const after = readCursor(input.cursor)
  return ctx.read(async (tx) => {
    const rows = await queries.listStudios(tx, input, after)
    if (rows.length === 0) await requireRole(tx, input.companyId, 'viewer')
    return toPage(rows, input.limit, (row) => ({ at: row.createdAt, id: row.id }))
  })
}

export function findStudio(ctx: ServiceContext, studioId: string): Promise<Studio> {
  return ctx.read((tx) => getStudio(tx, studioId))
}

/** Changes what was given; only an admin changes `access`. @throws {DomainError} CONFLICT for a name in use. */
export async function updateStudio(ctx: ServiceContext, { studioId, ...change }: UpdateStudioInput): Promise<Studio> {
  return ctx.transaction(async (tx) => {
    const studio = await studioFor(tx, studioId, 'member')
    if (Object.keys(change).length === 0) return studio
    return (await queries.updateStudio(tx, studioId, change)) ?? notFound('studio', studioId)
  })
}

/** Closes a studio for new runs and takes it out of the list; what it holds stays. */
export async function archiveStudio(ctx: ServiceContext, studioId: string): Promise<Studio> {
  return ctx.transaction(async (tx) => {
    await studioFor(tx, studioId, 'admin')
    return (await queries.archiveStudio(tx, studioId)) ?? alreadyArchived()
  })
}

/** Who may enter a restricted studio besides the admins, newest first. */
export async function listStudioMembers(ctx: ServiceContext, input: ListStudioMembersInput) {
  const after = readCursor(input.cursor)
  return ctx.read(async (tx) => {
    const studio = await getStudio(tx, input.studioId)
    const rows = await queries.listStudioMembers(tx, studio, input.limit, after)
    return toPage(rows, input.limit, (row) => ({ at: row.createdAt, id: row.userId }))
  })
}

/** @throws {DomainError} NOT_FOUND when the person is no member of the company, CONFLICT when they may enter already. */
export async function addStudioMember(
  ctx: ServiceContext,
  { studioId, userId }: StudioMemberInput,
): Promise<StudioMember> {
  return ctx.transaction(async (tx) => {
    const studio = await studioFor(tx, studioId, 'admin')
    const person = await findMember(tx, studio.companyId, userId)
    if (person?.status !== 'approved') return notFound('member', userId)
    await queries.insertStudioMember(tx, studio, userId)
    const member = await queries.findStudioMember(tx, studio, userId)
    return member ?? notFound('member', userId)
  })
}

export async function removeStudioMember(
  ctx: ServiceContext,
  { studioId, userId }: StudioMemberInput,
): Promise<StudioMemberInput> {
  return ctx.transaction(async (tx) => {
    const studio = await studioFor(tx, studioId, 'admin')
    const isRemoved = await queries.deleteStudioMember(tx, studio, userId)
    return isRemoved ? { studioId, userId } : notFound('member', userId)
  })
}

async function getStudio(tx: Tx, studioId: string): Promise<Studio> {
  return (await queries.findStudio(tx, studioId)) ?? missing(tx, 'studio', studioId)
}

async function studioFor(tx: Tx, studioId: string, role: Role): Promise<Studio> {
  const studio = await getStudio(tx, studioId)
  await requireRole(tx, studio.companyId, role)
  return studio
}

function alreadyArchived(): never {
  throw new DomainError('PRECONDITION_FAILED', 'This studio is archived already.')
}
