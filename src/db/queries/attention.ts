import { and, eq, ne, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type {
  AttentionInput,
  FailedRun,
  FailureGroup,
  ListAttentionInput,
  UpdateAttentionInput,
} from '../../contracts/attention.ts'
import type { Tx } from '../client.ts'
import { behind, newestFirst, type Position } from '../paging.ts'
import {
  workflowExecutions as executions,
  failureGroups as groups,
  workflowTemplates as templates,
  userProfiles,
  workflowTemplateVersions as versions,
} from '../schema/index.ts'
import { isWithoutReplay } from './run-filters.ts'

const stepTitle = sql<string | null>`jsonb_path_query_first(
  ${versions.manifest}, '$.steps[*] ? (@.name == $name).title', jsonb_build_object('name', ${groups.step})) #>> '{}'`

const shown = {
  id: groups.id,
  companyId: groups.companyId,
  studioId: groups.studioId,
  templateId: groups.templateId,
  templateName: templates.name,
  step: groups.step,
  stepTitle,
  failureKind: groups.failureKind,
  message: groups.message,
  failures: groups.failures,
  firstAt: groups.firstAt,
  lastAt: groups.lastAt,
  state: groups.state,
  ownerId: groups.ownerId,
  ownerName: userProfiles.fullName,
  changedAt: groups.changedAt,
}

/** Failed runs of a group that no replay speaks for. */
function openRuns(tx: Tx) {
  return tx
    .select({ open: sql<number>`count(*)::int`.as('failed_now_open') })
    .from(executions)
    .where(
      and(
        eq(executions.companyId, groups.companyId),
        eq(executions.failureGroupId, groups.id),
        eq(executions.status, 'failed'),
        isWithoutReplay,
      ),
    )
    .as('failed_now')
}

function selectGroups(tx: Tx) {
  const failedNow = openRuns(tx)
  return tx
    .select({ ...shown, open: failedNow.open })
    .from(groups)
    .innerJoin(templates, eq(templates.id, groups.templateId))
    .leftJoin(versions, and(eq(versions.templateId, templates.id), eq(versions.version, templates.version)))
    .leftJoin(userProfiles, eq(userProfiles.id, groups.ownerId))
    .crossJoinLateral(failedNow)
}

/** The newest failure first. */
export function listGroups(tx: Tx, filter: ListAttentionInput, after: Position | undefined): Promise<FailureGroup[]> {
  return selectGroups(tx)
    .where(
      and(
        eq(groups.companyId, filter.companyId),
        filter.state ? eq(groups.state, filter.state) : undefined,
        filter.studioId ? eq(groups.studioId, filter.studioId) : undefined,
        filter.templateId ? eq(groups.templateId, filter.templateId) : undefined,
        filter.ownerId ? eq(groups.ownerId, filter.ownerId) : undefined,
        behind(after, groups.lastAt, groups.id),
      ),
    )
    .orderBy(newestFirst(groups.lastAt), newestFirst(groups.id))
    .limit(filter.limit + 1)
}

const one = ({ companyId, groupId }: AttentionInput) => and(eq(groups.companyId, companyId), eq(groups.id, groupId))

export async function findGroup(tx: Tx, input: AttentionInput): Promise<FailureGroup | undefined> {
  const rows = await selectGroups(tx).where(one(input))
  return rows[0]
}

/** Runs of the group that are failed at this moment, newest first, each with its newest replay that was not cancelled. */
export async function listFailedRuns(tx: Tx, { companyId, groupId }: AttentionInput, limit: number) {
  const replays = alias(executions, 'replays')
  const replay = tx
    .select({ id: replays.id, status: replays.status })
    .from(replays)
    .where(
      and(
        eq(replays.companyId, executions.companyId),
        eq(replays.replayOf, executions.id),
        ne(replays.status, 'cancelled'),
      ),
    )
    .orderBy(newestFirst(replays.createdAt), newestFirst(replays.id))
    .limit(1)
    .as('replay')
  const rows: FailedRun[] = await tx
    .select({
      id: executions.id,
      userId: executions.userId,
      message: executions.errorMessage,
      retryCount: executions.retryCount,
      createdAt: executions.createdAt,
      completedAt: executions.completedAt,
      replay: { id: replay.id, status: replay.status },
    })
    .from(executions)
    .leftJoinLateral(replay, sql`true`)
    .where(
      and(eq(executions.companyId, companyId), eq(executions.failureGroupId, groupId), eq(executions.status, 'failed')),
    )
    .orderBy(newestFirst(executions.createdAt), newestFirst(executions.id))
    .limit(limit)
  return rows
}

/** False when there is no such group that the caller may change. */
export async function updateGroup(
  tx: Tx,
  input: AttentionInput,
  change: Pick<UpdateAttentionInput, 'state' | 'ownerId'>,
): Promise<boolean> {
  const rows = await tx.update(groups).set(change).where(one(input)).returning({ id: groups.id })
  return rows.length === 1
}
