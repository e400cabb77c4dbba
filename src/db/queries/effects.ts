import { and, asc, eq, gt, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Role } from '../../contracts/access.ts'
import type { ExecutionEffect, ListEffectsInput } from '../../contracts/effects.ts'
import type { Tx } from '../client.ts'
import { decode, encode, refuseCursor } from '../paging.ts'
import {
  companies,
  executionEffects as effects,
  workflowExecutions as executions,
  studios,
  workflowTemplateVersions as versions,
} from '../schema/index.ts'

export type NewEffect = Pick<ExecutionEffect, 'ordinal' | 'kind' | 'arguments' | 'outcome' | 'reason'>

/** An effect whose turn it is, and the run it comes from. */
export interface TakenEffect extends Pick<ExecutionEffect, 'ordinal' | 'kind' | 'arguments'> {
  run: { id: string; companyId: string; studioId: string; userId: string }
  attempts: number
}

/**
 * Holds an effect whose turn it is until the transaction ends, of the run that has waited longest; one that another worker
 * holds is left to it. Those tried before come after the others.
 */
export async function takeEffect(tx: Tx): Promise<TakenEffect | undefined> {
  const rows = await tx
    .select({
      run: { id: executions.id, companyId: effects.companyId, studioId: effects.studioId, userId: executions.userId },
      ordinal: effects.ordinal,
      kind: effects.kind,
      arguments: effects.arguments,
      attempts: effects.attempts,
    })
    .from(effects)
    .innerJoin(executions, and(eq(executions.companyId, effects.companyId), eq(executions.id, effects.executionId)))
    .where(sql`${effects.isNext}`)
    .orderBy(effects.attempts, effects.createdAt, effects.executionId)
    .limit(1)
    .for('update', { of: effects, skipLocked: true })
  return rows[0]
}

/** Holds an effect taken before until the transaction ends; false when it has been gone on with since. */
export async function retakeEffect(tx: Tx, taken: TakenEffect): Promise<boolean> {
  const rows = await tx.select({ ordinal: effects.ordinal }).from(effects).where(isStill(taken)).for('update')
  return rows.length === 1
}

/** Makes it the turn of the first effect of a run that waits, if any. */
export async function passTurn(tx: Tx, run: { id: string; companyId: string }): Promise<void> {
  const ofRun = and(eq(effects.companyId, run.companyId), eq(effects.executionId, run.id))
  const first = tx
    .select({ ordinal: sql`min(${effects.ordinal})` })
    .from(effects)
    .where(and(ofRun, eq(effects.outcome, 'waiting')))
  await tx
    .update(effects)
    .set({ isNext: true })
    .where(and(ofRun, eq(effects.ordinal, sql`(${first})`)))
}

/** How a company stands, locked until the transaction ends: its members and branches stay as they are. */
export async function lockCompany(tx: Tx, companyId: string) {
  const rows = await tx
    .select({ status: companies.status, deletedAt: companies.deletedAt })
    .from(companies)
    .where(eq(companies.id, companyId))
    .for('no key update')
  return rows[0]
}

/** Whether the person who started a run holds a role in its company and may enter its studio, and whether that is archived. */
export async function findStanding(
  tx: Tx,
  { companyId, studioId, userId }: TakenEffect['run'],
  role: Role,
): Promise<{ mayAct: boolean; isArchived: boolean } | undefined> {
  const rows = await tx
    .select({
      mayAct: sql<boolean>`app.works_in(${userId}, ${studios.companyId}, ${studios.id}, ${role})`,
      isArchived: sql<boolean>`${studios.archivedAt} is not null`,
    })
    .from(studios)
    .where(and(eq(studios.companyId, companyId), eq(studios.id, studioId)))
  return rows[0]
}

/** Names the person in whose name the transaction makes its changes; audit rows carry the name. */
export async function actInNameOf(tx: Tx, userId: string): Promise<void> {
  await tx.execute(sql`select set_config('app.in_name_of', ${userId}, true)`)
}

type EffectEnding = Pick<typeof effects.$inferInsert, 'outcome' | 'reason' | 'result' | 'appliedAt' | 'attempts'> &
  Partial<Pick<TakenEffect, 'arguments'>>

/** Writes what became of a try; false when another worker has gone on with the effect since it was taken. */
export async function updateEffect(tx: Tx, taken: TakenEffect, ending: EffectEnding): Promise<boolean> {
  const rows = await tx
    .update(effects)
    .set({ ...ending, isNext: ending.outcome === 'waiting' })
    .where(isStill(taken))
    .returning({ ordinal: effects.ordinal })
  return rows.length === 1
}

function isStill({ run, ordinal, attempts }: TakenEffect) {
  return and(
    eq(effects.companyId, run.companyId),
    eq(effects.executionId, run.id),
    eq(effects.ordinal, ordinal),
    sql`${effects.isNext}`,
    eq(effects.attempts, attempts),
  )
}

/** The company of a run, and the kinds of effect that its workflow declared in the version that ran. */
export async function findDeclared(tx: Tx, executionId: string) {
  const rows = await tx
    .select({ companyId: executions.companyId, declared: versions.effects })
    .from(executions)
    .innerJoin(
      versions,
      and(eq(versions.templateId, executions.templateId), eq(versions.version, executions.templateVersion)),
    )
    .where(eq(executions.id, executionId))
  return rows[0]
}

const place = z.tuple([z.int().min(0).max(2_147_483_647)])

/** Effects of a run in their order. */
export async function listEffects(
  tx: Tx,
  companyId: string,
  { executionId, limit, cursor }: ListEffectsInput,
): Promise<{ items: ExecutionEffect[]; nextCursor: string | null }> {
  const [after] = cursor === undefined ? [0] : (place.safeParse(decode(cursor)).data ?? refuseCursor())
  const rows = await tx
    .select({
      ordinal: effects.ordinal,
      kind: effects.kind,
      arguments: effects.arguments,
      outcome: effects.outcome,
      reason: effects.reason,
      result: effects.result,
      appliedAt: effects.appliedAt,
    })
    .from(effects)
    .where(and(eq(effects.companyId, companyId), eq(effects.executionId, executionId), gt(effects.ordinal, after)))
    .orderBy(asc(effects.ordinal))
    .limit(limit + 1)
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last ? encode([last.ordinal]) : null }
}
