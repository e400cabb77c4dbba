import type { Execution } from './execution.ts'
import { RunAborted, StepFailure } from './faults.ts'
import type { Scope } from './scope.ts'

const identifier = /[A-Za-z_$][\w$]*/g

/** Runs compiled code with a JSON input in the sandbox, and gives its parsed output. */
export async function runCode(execution: Execution, source: string, input: string): Promise<unknown> {
  const { limits } = execution.context.settings
  const job = {
    source,
    input,
    timeoutMs: limits.codeTimeoutMs,
    stackBytes: limits.codeStackBytes,
    outputChars: limits.runLogBytes,
  }
  const result = await execution.context.pool.run(job, execution.signal)
  switch (result.kind) {
    case 'output':
      return result.output === undefined ? undefined : JSON.parse(result.output)
    case 'error':
      throw new StepFailure(result.message, `${result.message}\n${result.stack}`)
    case 'timeout':
      throw new StepFailure(`Error: The code ran longer than ${limits.codeTimeoutMs} ms and was stopped`)
    case 'memory':
      throw new RunAborted(
        'MEMORY_LIMIT_EXCEEDED',
        `The code needs more than ${limits.codeMemoryBytes} bytes of memory`,
      )
    case 'output-limit':
      throw new RunAborted('LOG_SIZE_EXCEEDED', `The code returned more than ${limits.runLogBytes} bytes`)
  }
}

/** An expression that is more than a path, computed from the steps it names; a fault in it gives nothing. */
export async function computeExpression(execution: Execution, scope: Scope, expression: string): Promise<unknown> {
  const values: Record<string, unknown> = {}
  for (const [name] of expression.matchAll(identifier)) {
    const value = scope.lookup(name)
    if (value !== undefined) values[name] = value
  }
  const names = Object.keys(values)
  const source = `exports.code = ({ ${names.join(', ')} }) => (${expression}\n)`
  try {
    return await runCode(execution, source, JSON.stringify(values))
  } catch (error) {
    if (error instanceof StepFailure) return undefined
    throw error
  }
}
