import type {
  AttentionGroup,
  AttentionInput,
  FailureGroup,
  ListAttentionInput,
  ReplayAllInput,
  UpdateAttentionInput,
} from '../../contracts/attention.ts'
import type { BulkOperation } from '../../contracts/bulk.ts'
import type { Tx } from '../../db/client.ts'
import { readCursor, toPage } from '../../db/paging.ts'
import * as queries from '../../db/queries/attention.ts'
import { notFound } from '../../errors.ts'
import type { ServiceContext } from '../context.ts'
import { requireRole } from '../core/access.ts'
import { startOperation } from './bulk.ts'

const runsShown = 20

/** What makes a company's runs fail, the newest failure first, in the studios that the caller may enter. */
export async function listAttention(ctx: ServiceContext, input: ListAttentionInput) {
  const after = readCursor(input.cursor)
  return ctx.read(async (tx) => {
    const rows = await queries.listGroups(tx, input, after)
    if (rows.length === 0) await requireRole(tx, input.companyId, 'viewer')
    return toPage(rows, input.limit, (row) => ({ at: row.lastAt, id: row.id }))
  })
}

/** One cause with its newest failed runs. */
export async function findAttention(ctx: ServiceContext, input: AttentionInput): Promise<AttentionGroup> {
  return ctx.read(async (tx) => {
    const group = await getGroup(tx, input)
    return { ...group, runs: await queries.listFailedRuns(tx, input, runsShown) }
  })
}

/**
 * Says who looks after a cause and how it stands.
 * @throws {DomainError} PRECONDITION_FAILED for an owner who may not enter the studio, FORBIDDEN for viewers.
 */
export async function updateAttention(
  ctx: ServiceContext,
  { companyId, groupId, ...change }: UpdateAttentionInput,
): Promise<FailureGroup> {
  return ctx.transaction(async (tx) => {
    await requireRole(tx, companyId, 'member')
    const isThere = Object.keys(change).length === 0 || (await queries.updateGroup(tx, { companyId, groupId }, change))
    return isThere ? getGroup(tx, { companyId, groupId }) : notFound('cause of failures', groupId)
  })
}

/**
 * Replays all failed runs of a cause that were not replayed yet, as one bulk operation.
 * @throws {DomainError} what `startBulk` throws.
 */
export async function replayAll(
  ctx: ServiceContext,
  { expectedCount, ...input }: ReplayAllInput,
): Promise<BulkOperation> {
  return ctx.transaction(async (tx) => {
    await requireRole(tx, input.companyId, 'member')
    const group = await getGroup(tx, input)
    const filter = { failureGroupId: group.id, status: 'failed' as const, withoutReplay: true }
    const request = { companyId: group.companyId, action: 'replay' as const, filter, options: {} }
    return startOperation(tx, { ...request, userId: ctx.caller.userId }, expectedCount)
  })
}

async function getGroup(tx: Tx, input: AttentionInput): Promise<FailureGroup> {
  const group = await queries.findGroup(tx, input)
  if (group) return group
  await requireRole(tx, input.companyId, 'viewer')
  return notFound('cause of failures', input.groupId)
}
