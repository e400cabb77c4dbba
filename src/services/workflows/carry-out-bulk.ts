import type { Tx } from '../../db/client.ts'
import * as work from '../../db/queries/bulk-work.ts'
import { actInNameOf } from '../../db/queries/effects.ts'
import { DomainError } from '../../errors.ts'
import { bulkActions } from './bulk-actions.ts'
import type { WorkerContext } from './worker-context.ts'

type BulkContext = Pick<WorkerContext, 'read' | 'transaction' | 'log'>

const mostTurns = 100
const longestMessage = 2000

/**
 * Gives each bulk operation under way one turn: one run is dealt with, and the operation is finished when none waits.
 * The change to a run and its verdict are one transaction, so each run is acted on once, however many workers there are
 * and whenever they stop. True when there may be more to do.
 */
export async function carryOutBulk(ctx: BulkContext): Promise<boolean> {
  const operations = await ctx.read((tx) => work.listRunningOperations(tx, mostTurns))
  let hasMoved = false
  for (const operation of operations) hasMoved = (await takeTurn(ctx, operation)) || hasMoved
  return hasMoved
}

async function takeTurn(ctx: BulkContext, operation: work.RunningOperation): Promise<boolean> {
  let item: work.TakenItem | undefined
  try {
    await ctx.transaction(async (tx) => {
      item = await work.takeItem(tx, operation)
      if (item) await work.writeVerdict(tx, item, await decide(tx, item))
    })
  } catch (error) {
    if (!item) throw error
    await refuse(ctx, item, error)
  }
  if (item) return true
  await ctx.transaction((tx) => work.finishOperation(tx, operation))
  return false
}

async function decide(tx: Tx, item: work.TakenItem): Promise<work.Decision> {
  if (!item.mayAct) {
    const message = 'The person who started this operation may not work in the studio of this run any more.'
    return { verdict: 'refused', message }
  }
  await actInNameOf(tx, item.userId)
  return bulkActions[item.action](tx, item)
}

// What was refused has changed nothing, so its verdict may be written in a transaction of its own.
async function refuse(ctx: BulkContext, item: work.TakenItem, error: unknown): Promise<void> {
  if (error instanceof DomainError && error.code === 'UNAVAILABLE') throw error
  const message = reasonOf(error).slice(0, longestMessage)
  if (!(error instanceof DomainError))
    ctx.log.warn({ err: error, executionId: item.executionId }, 'a run of a bulk operation could not be dealt with')
  await ctx.transaction((tx) => work.writeVerdict(tx, item, { verdict: 'refused', message }))
}

function reasonOf(error: unknown): string {
  if (!(error instanceof DomainError)) return 'Something went wrong on our side with this run; nothing was changed.'
  if (error.issues.length === 0) return error.message
  const faults = error.issues.map(({ path, message }) => `${path} ${message}`).join('; ')
  return `The input does not fit the workflow as it is now: ${faults}.`
}
