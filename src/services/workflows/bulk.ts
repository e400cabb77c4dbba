import { z } from 'zod'
import {
  type BulkInput,
  type BulkOperation,
  type BulkPreview,
  type ListBulkInput,
  type ListBulkItemsInput,
  largestBulk,
  type PreviewBulkInput,
  type StartBulkInput,
} from '../../contracts/bulk.ts'
import type { Tx } from '../../db/client.ts'
import { decode, encode, readCursor, refuseCursor, toPage } from '../../db/paging.ts'
import * as queries from '../../db/queries/bulk.ts'
import { DomainError, notFound } from '../../errors.ts'
import type { ServiceContext } from '../context.ts'
import { requireRole } from '../core/access.ts'
import { requireKeepable } from './keepable.ts'

const noRuns: BulkPreview['byStatus'] = {
  pending: 0,
  held: 0,
  running: 0,
  paused: 0,
  succeeded: 0,
  failed: 0,
  cancelled: 0,
}

/** Counts the runs that a filter means, among those that the caller may see. */
export async function previewBulk(ctx: ServiceContext, input: PreviewBulkInput): Promise<BulkPreview> {
  return ctx.read(async (tx) => {
    const counts = await queries.countRuns(tx, input)
    if (counts.length === 0) await requireRole(tx, input.companyId, 'viewer')
    const preview = { total: 0, applicable: 0, byStatus: { ...noRuns }, largest: largestBulk }
    for (const { status, runs, applicable } of counts) {
      preview.total += runs
      preview.applicable += applicable
      preview.byStatus[status] = runs
    }
    return preview
  })
}

/**
 * Notes the runs that a filter means at this moment, oldest first; the worker does the action to each.
 * @throws {DomainError} CONFLICT when there are not as many as expected, PRECONDITION_FAILED for none or more than
 * 10,000, FORBIDDEN for viewers.
 */
export function startBulk(ctx: ServiceContext, { expectedCount, ...request }: StartBulkInput): Promise<BulkOperation> {
  requireKeepable(request.options.input ?? {}, 'options.input')
  return ctx.transaction(async (tx) => {
    await requireRole(tx, request.companyId, 'member')
    return startOperation(tx, { ...request, userId: ctx.caller.userId }, expectedCount)
  })
}

/** Writes an operation with its runs, all or nothing; `startBulk` says what is refused. */
export async function startOperation(
  tx: Tx,
  request: queries.NewOperation,
  expectedCount: number | undefined,
): Promise<BulkOperation> {
  const { id, total } = await queries.insertOperation(tx, request, largestBulk)
  if (total > largestBulk) refuse('This means more than 10,000 runs; narrow it, for example by time, and go in parts.')
  if (expectedCount !== undefined && expectedCount !== total) otherCount(expectedCount, total)
  if (total === 0) refuse('There is no such run, so there is nothing to do; look at what the filter says.')
  return getOperation(tx, { companyId: request.companyId, operationId: id })
}

/** Operations of a company, newest first, those of whose runs the caller sees at least one. */
export async function listBulk(ctx: ServiceContext, input: ListBulkInput) {
  const after = readCursor(input.cursor)
  return ctx.read(async (tx) => {
    const rows = await queries.listOperations(tx, input, after)
    if (rows.length === 0) await requireRole(tx, input.companyId, 'viewer')
    return toPage(rows, input.limit, (row) => ({ at: row.createdAt, id: row.id }))
  })
}

export function findBulk(ctx: ServiceContext, input: BulkInput): Promise<BulkOperation> {
  return ctx.read((tx) => getOperation(tx, input))
}

/** The runs of an operation with what became of each, in the order of their turns. */
export async function listBulkItems(ctx: ServiceContext, input: ListBulkItemsInput) {
  const after = readOrdinal(input.cursor)
  return ctx.read(async (tx) => {
    const rows = await queries.listItems(tx, input, after)
    if (rows.length === 0) await getOperation(tx, input)
    const items = rows.slice(0, input.limit)
    const last = items.at(-1)
    return { items, nextCursor: last && rows.length > input.limit ? encode([last.ordinal]) : null }
  })
}

/**
 * Stops an operation: runs whose turn has not come are skipped, what is done stays done.
 * @throws {DomainError} PRECONDITION_FAILED when it is not running any more, FORBIDDEN for viewers.
 */
export function abortBulk(ctx: ServiceContext, input: BulkInput): Promise<BulkOperation> {
  return ctx.transaction(async (tx) => {
    await requireRole(tx, input.companyId, 'member')
    await getOperation(tx, input)
    const isAborted = await queries.abortOperation(tx, input)
    const operation = await getOperation(tx, input)
    if (isAborted) return operation
    const end = operation.status === 'aborted' ? 'was aborted' : 'has finished'
    return refuse(`This operation ${end} and cannot be aborted any more.`)
  })
}

async function getOperation(tx: Tx, input: BulkInput): Promise<BulkOperation> {
  const operation = await queries.findOperation(tx, input)
  if (operation) return operation
  await requireRole(tx, input.companyId, 'viewer')
  return notFound('bulk operation', input.operationId)
}

const place = z.tuple([z.int().min(0).max(largestBulk)])

function readOrdinal(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  const [ordinal] = place.safeParse(decode(cursor)).data ?? refuseCursor()
  return ordinal
}

function refuse(message: string): never {
  throw new DomainError('PRECONDITION_FAILED', message)
}

function otherCount(expected: number, found: number): never {
  const sentence = `You expected ${expected} runs and there are ${found} by now; look at the preview again.`
  throw new DomainError('CONFLICT', sentence)
}
