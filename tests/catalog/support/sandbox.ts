import { newQuickJSWASMModule } from 'quickjs-emscripten'
import type { RunCode } from '../../../catalog/flow-run.ts'
import { Compiler } from '../../../src/embedded/activepieces/sandbox/compiler.ts'
import { runJob } from '../../../src/embedded/activepieces/sandbox/machine.ts'
import { defaultLimits } from '../../../src/embedded/activepieces/settings.ts'

const compiler = new Compiler()

/** Runs steps as the embedded engine does, under its limits, and tells how long each took. */
export async function sandboxRunner(): Promise<{ runCode: RunCode; times: Map<string, number> }> {
  const quickjs = await newQuickJSWASMModule()
  const times = new Map<string, number>()
  const runCode: RunCode = async ({ name, code }, input) => {
    const source = await compiler.compile(code)
    const begun = performance.now()
    const { result } = await runJob(quickjs, {
      source,
      input: JSON.stringify(input),
      timeoutMs: defaultLimits.codeTimeoutMs,
      memoryBytes: defaultLimits.codeMemoryBytes,
      stackBytes: defaultLimits.codeStackBytes,
      outputChars: defaultLimits.runLogBytes,
    })
    times.set(name, performance.now() - begun)
    if (result.kind === 'output' && result.output !== undefined) return JSON.parse(result.output)
    throw new Error(result.kind === 'error' ? `${name}: ${result.message}\n${result.stack}` : `${name}: ${result.kind}`)
  }
  return { runCode, times }
}
