import { z } from 'zod'
import { resolveValue } from '../expressions.ts'
import type { Action, Branch, RouterAction } from '../flows/definition.ts'
import { evaluateBranches } from '../router-conditions.ts'
import { type Execution, next, type Outcome } from './execution.ts'
import { errorText, shortErrorText } from './faults.ts'
import { serializeInput } from './journal.ts'
import type { Scope } from './scope.ts'

const routerOutput = z.object({ branches: z.array(z.object({ evaluation: z.boolean() }).loose()) })

export async function runRouterStep(execution: Execution, action: RouterAction, scope: Scope): Promise<Outcome> {
  const evaluations = earlierEvaluations(execution, action, scope) ?? (await evaluate(execution, action, scope))
  if (!Array.isArray(evaluations)) return evaluations
  for (const child of takenChildren(action, evaluations)) {
    const outcome = await execution.chain(child, scope)
    if (outcome.kind !== 'next') return outcome
  }
  return next
}

/** A router decides once: a run that comes back after a pause or a restart follows the branch it had taken. */
function earlierEvaluations(execution: Execution, action: RouterAction, scope: Scope): boolean[] | undefined {
  const record = execution.journal.find(scope.prefix, action.name)
  if (record?.status !== 'SUCCEEDED') return undefined
  const output = execution.journal.outputOf(record)
  scope.set(action.name, { type: action.type, status: 'SUCCEEDED', output })
  return routerOutput.parse(output).branches.map((branch) => branch.evaluation)
}

async function evaluate(execution: Execution, action: RouterAction, scope: Scope): Promise<boolean[] | Outcome> {
  const started = performance.now()
  const branches = await resolveBranches(execution, action, scope)
  const shownInput = { branches, sampleData: {}, executionType: action.settings.executionType }
  const { shown } = serializeInput(shownInput, execution.context.settings.limits)
  const record = execution.journal.begin(scope.prefix, action, shown)
  try {
    const evaluations = evaluateBranches(branches)
    const output = {
      branches: branches.map(({ branchName }, index) => ({
        branchName,
        branchIndex: index + 1,
        evaluation: evaluations[index] === true,
      })),
    }
    execution.journal.finish(record, { status: 'SUCCEEDED', output, duration: performance.now() - started })
    scope.set(action.name, { type: action.type, status: 'SUCCEEDED', output })
    return evaluations
  } catch (error) {
    const errorMessage = errorText(error)
    execution.journal.finish(record, { status: 'FAILED', errorMessage, duration: performance.now() - started })
    const { name, displayName } = action
    return { kind: 'failed', step: { name, displayName, message: shortErrorText(errorMessage) } }
  }
}

function resolveBranches(execution: Execution, action: RouterAction, scope: Scope): Promise<Branch[]> {
  const resolver = execution.resolver(scope)
  return Promise.all(
    action.settings.branches.map(async (branch) => {
      if (branch.conditions === undefined) return branch
      const conditions = branch.conditions.map((group) =>
        Promise.all(
          group.map(async (condition) => ({
            ...condition,
            firstValue: await resolveValue(condition.firstValue, resolver),
            secondValue: await resolveValue(condition.secondValue, resolver),
          })),
        ),
      )
      return { ...branch, conditions: await Promise.all(conditions) }
    }),
  )
}

function takenChildren(action: RouterAction, evaluations: boolean[]): (Action | null | undefined)[] {
  const taken = action.children.filter((_child, index) => evaluations[index] === true)
  return action.settings.executionType === 'EXECUTE_FIRST_MATCH' ? taken.slice(0, 1) : taken
}
