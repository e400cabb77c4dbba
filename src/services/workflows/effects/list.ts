import type { ExecutionEffects, ListEffectsInput } from '../../../contracts/effects.ts'
import * as queries from '../../../db/queries/effects.ts'
import type { ServiceContext } from '../../context.ts'
import { missing } from '../../core/access.ts'
import { withoutContent } from './contents.ts'

/** What a run's workflow may change, what the run asked to change, and what became of it, in the order in which it is done. */
export async function listEffects(ctx: ServiceContext, input: ListEffectsInput): Promise<ExecutionEffects> {
  return ctx.read(async (tx) => {
    const run = (await queries.findDeclared(tx, input.executionId)) ?? (await missing(tx, 'run', input.executionId))
    const { items, nextCursor } = await queries.listEffects(tx, run.companyId, input)
    const shown = items.map((item) => ({ ...item, arguments: withoutContent(item.kind, item.arguments) }))
    return { declared: run.declared, items: shown, nextCursor }
  })
}
