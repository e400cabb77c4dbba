import type { World } from '../support/world.ts'
import { send } from './calls.ts'

/** A line that a flow says. */
export const log = (id: string, message = `line ${id}`) => ({ id, type: 'log', message })

/** Sends what a flow would; the answer is the receipt or a refusal. */
export function tell({ url }: { url: string }, run: { executionId: string; secret?: string }, body: unknown) {
  return send({ url }, `/callbacks/activepieces/${run.executionId}`, { method: 'POST', token: run.secret, body })
}

/** What is told of a run beyond its states, in order. */
export async function toldOf(world: World, executionId: string) {
  const { rows } = await world.stack.owner.query<Record<string, unknown>>(
    `select type, level, message, step, data from execution_events where execution_id = $1 and type <> 'status' order by id`,
    [executionId],
  )
  return rows
}

/** The same as texts alone. */
export async function linesOf(world: World, executionId: string) {
  return (await toldOf(world, executionId)).map(({ message }) => message)
}
