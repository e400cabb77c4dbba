import { resolveObject } from '../expressions.ts'
import type { CodeAction } from '../flows/definition.ts'
import { CompilationError } from '../sandbox/compiler.ts'
import { attempt } from './attempts.ts'
import { runCode } from './computing.ts'
import type { Execution, Outcome } from './execution.ts'
import { StepFailure } from './faults.ts'
import { serializeInput } from './journal.ts'
import type { Scope } from './scope.ts'

export async function runCodeStep(execution: Execution, action: CodeAction, scope: Scope): Promise<Outcome> {
  const input = await resolveObject(action.settings.input, execution.resolver(scope))
  const { whole, shown } = serializeInput(input, execution.context.settings.limits)
  const record = execution.journal.begin(scope.prefix, action, shown)
  return attempt(execution, { action, scope, record }, async () => {
    const source = await compile(execution, action.settings.sourceCode.code)
    return { kind: 'output', output: await runCode(execution, source, whole) }
  })
}

async function compile(execution: Execution, code: string): Promise<string> {
  try {
    return await execution.context.compiler.compile(code)
  } catch (error) {
    throw error instanceof CompilationError ? new StepFailure(`Error: ${error.message}`) : error
  }
}
