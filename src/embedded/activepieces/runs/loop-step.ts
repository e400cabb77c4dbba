import { resolveValue } from '../expressions.ts'
import type { LoopAction } from '../flows/definition.ts'
import { parseJsonOrText } from '../json.ts'
import type { StepRecord } from '../store/steps.ts'
import { type Execution, next, type Outcome } from './execution.ts'
import { errorText, shortErrorText } from './faults.ts'
import { serializeInput } from './journal.ts'
import type { Scope, StepValue } from './scope.ts'

/** Its record holds the item and the number of the iteration; the iterations themselves are the records below it. */
export async function runLoopStep(execution: Execution, action: LoopAction, scope: Scope): Promise<Outcome> {
  const started = performance.now()
  const resolved = await resolveValue(action.settings.items, execution.resolver(scope))
  const items = typeof resolved === 'string' ? parseJsonOrText(resolved) : resolved
  const { shown } = serializeInput({ items }, execution.context.settings.limits)
  const record = execution.journal.begin(scope.prefix, action, shown)
  const finish = (status: StepRecord['status'], extra: object = {}) =>
    execution.journal.finish(record, { status, duration: performance.now() - started, ...extra })
  if (!Array.isArray(items)) {
    const errorMessage = errorText(new Error(`The loop needs a list of items, not ${typeof items}`))
    finish('FAILED', { errorMessage })
    return failed(action, errorMessage)
  }
  return iterate(execution, action, scope, items, finish)
}

async function iterate(
  execution: Execution,
  action: LoopAction,
  scope: Scope,
  items: unknown[],
  finish: (status: StepRecord['status'], extra?: object) => void,
): Promise<Outcome> {
  const iterations: Record<string, StepValue>[] = []
  const publish = (status: StepValue['status'], item?: unknown, index = 0) =>
    scope.set(action.name, { type: action.type, status, output: { item, index, iterations } })
  publish('RUNNING')
  for (const [index, item] of items.entries()) {
    const inner = scope.inner(action.name, index)
    publish('RUNNING', item, index + 1)
    const outcome = await execution.chain(action.firstLoopAction, inner)
    iterations.push(inner.entries())
    if (outcome.kind === 'next') continue
    const status = outcome.kind === 'paused' ? 'PAUSED' : outcome.kind === 'failed' ? 'FAILED' : 'SUCCEEDED'
    finish(status, { output: { item, index: index + 1 } })
    return outcome
  }
  const last = items.length === 0 ? {} : { item: items.at(-1) }
  finish('SUCCEEDED', { output: { ...last, index: items.length } })
  publish('SUCCEEDED', items.at(-1), items.length)
  return next
}

function failed(action: LoopAction, errorMessage: string): Outcome {
  const { name, displayName } = action
  return { kind: 'failed', step: { name, displayName, message: shortErrorText(errorMessage) } }
}
