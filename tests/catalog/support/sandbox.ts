import { transform } from 'esbuild'
import { newQuickJSWASMModule, type QuickJSContext, type QuickJSWASMModule } from 'quickjs-emscripten'
import type { RunCode } from '../../../catalog/flow-run.ts'

const memoryLimitBytes = 256 * 1024 * 1024
const maxStackSizeBytes = 1024 * 1024
const timeoutMs = 60_000

const caller = `(function (factory, input) {
  const module = { exports: {} }
  factory(module.exports, module)
  globalThis.settled = { state: 'waiting' }
  module.exports.code(JSON.parse(input)).then(
    (value) => { globalThis.settled = { state: 'returned', text: JSON.stringify(value) } },
    (error) => { globalThis.settled = { state: 'failed', text: String(error) } },
  )
})`

/** Runs steps in a bare machine with the embedded engine's limits, and tells how many milliseconds each took. */
export async function sandboxRunner(): Promise<{ runCode: RunCode; times: Map<string, number> }> {
  const quickjs = await newQuickJSWASMModule()
  const times = new Map<string, number>()
  const runCode: RunCode = async ({ name, code }, input) => {
    const source = (await transform(code, { loader: 'ts', format: 'cjs', target: 'es2022' })).code
    const begun = performance.now()
    try {
      return JSON.parse(runInMachine(quickjs, source, JSON.stringify(input)))
    } catch (error) {
      throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    } finally {
      times.set(name, performance.now() - begun)
    }
  }
  return { runCode, times }
}

function runInMachine(quickjs: QuickJSWASMModule, source: string, input: string): string {
  const deadline = Date.now() + timeoutMs
  using runtime = quickjs.newRuntime({ memoryLimitBytes, maxStackSizeBytes })
  runtime.setInterruptHandler(() => Date.now() > deadline)
  using context = runtime.newContext()
  using call = context.unwrapResult(context.evalCode(caller))
  using factory = context.unwrapResult(context.evalCode(`(function (exports, module) {${source}\n})`))
  using text = context.newString(input)
  context.unwrapResult(context.callFunction(call, context.undefined, factory, text)).dispose()
  context.unwrapResult(runtime.executePendingJobs()).valueOf()
  if (settled(context, 'state') !== 'returned') throw new Error(settled(context, 'text'))
  return settled(context, 'text')
}

function settled(context: QuickJSContext, name: 'state' | 'text'): string {
  using result = context.unwrapResult(context.evalCode(`settled.${name}`))
  return context.getString(result)
}
