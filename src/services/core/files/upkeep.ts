import { settleRemovals, takeRemovals } from '../../../db/queries/file-removals.ts'
import * as queries from '../../../db/queries/uploads.ts'
import type { WorkerContext } from '../../workflows/worker-context.ts'

const largestBatch = 50

/** Gives up uploads whose time has run out: their companies' storage gets the bytes back. True when there may be more. */
export async function sweepUploads({ transaction }: Pick<WorkerContext, 'transaction'>): Promise<boolean> {
  return (await transaction((tx) => queries.sweepUploads(tx, largestBatch))) === largestBatch
}

/** Removes bytes whose version is gone from the storage; what cannot be removed is tried again later. True when there may be more. */
export async function removeBytes(ctx: Pick<WorkerContext, 'transaction' | 'objects'>): Promise<boolean> {
  const paths = await ctx.transaction((tx) => takeRemovals(tx, largestBatch))
  if (paths.length === 0) return false
  await ctx.objects.own.remove(paths)
  await ctx.transaction((tx) => settleRemovals(tx, paths))
  return paths.length === largestBatch
}
