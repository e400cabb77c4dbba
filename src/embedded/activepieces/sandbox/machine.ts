import { setTimeout as sleep } from 'node:timers/promises'
import {
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSWASMModule,
  Scope,
} from 'quickjs-emscripten'
import { asObject, asText, parseJson } from '../json.ts'
import { prelude } from './prelude.ts'
import type { CodeJob, CodeResult } from './protocol.ts'

const probeBytes = 1 << 20
const states = { waiting: 0, returned: 1 }
// A machine without memory for its own error object throws null or nothing instead.
const outOfMemory = /out of memory|^(QuickJSUnwrapError: ?)?(null)?$/

interface Timer {
  id: number
  dueAt: number
}

/** Runs one step in a runtime of its own and throws the runtime away. */
export async function runJob(
  quickjs: QuickJSWASMModule,
  job: CodeJob,
): Promise<{ result: CodeResult; isClean: boolean }> {
  const deadline = Date.now() + job.timeoutMs
  const runtime = quickjs.newRuntime({ maxStackSizeBytes: job.stackBytes })
  runtime.setInterruptHandler(() => Date.now() > deadline)
  let result: CodeResult
  try {
    result = await new Machine(runtime, job, deadline).run()
  } catch (error) {
    result = faultResult(error)
  }
  if (result.kind === 'error' && Date.now() > deadline) result = { kind: 'timeout' }
  // What ran out of memory cannot be taken apart either: its thread ends instead.
  return { result, isClean: result.kind !== 'memory' && dispose(runtime) }
}

class Machine {
  readonly #job: CodeJob
  readonly #deadline: number
  readonly #runtime: QuickJSRuntime
  readonly #context: QuickJSContext
  #timers: Timer[] = []

  constructor(runtime: QuickJSRuntime, job: CodeJob, deadline: number) {
    this.#runtime = runtime
    this.#job = job
    this.#deadline = deadline
    this.#context = runtime.newContext()
  }

  async run(): Promise<CodeResult> {
    const scope = new Scope()
    try {
      const controls = this.#start(scope)
      while (this.#number(controls, 'state') === states.waiting) {
        if (!(await this.#fireNext(controls))) return this.#unsettled()
      }
      return this.#read(controls)
    } finally {
      scope.dispose()
      this.#context.dispose()
    }
  }

  #start(scope: Scope): QuickJSHandle {
    const context = this.#context
    const schedule = scope.manage(
      context.newFunction('schedule', (id, ms) => {
        this.#timers.push({ id: context.getNumber(id), dueAt: Date.now() + context.getNumber(ms) })
      }),
    )
    const install = scope.manage(context.unwrapResult(context.evalCode(prelude, 'prelude.js')))
    const controls = scope.manage(context.unwrapResult(context.callFunction(install, context.undefined, schedule)))
    const wrapped = `(function (exports, module) {${this.#job.source}\n})`
    const factory = scope.manage(context.unwrapResult(context.evalCode(wrapped, 'index.ts')))
    const input = scope.manage(context.newString(this.#job.input))
    this.#call(controls, 'start', factory, input).dispose()
    this.#drain()
    return controls
  }

  /** Waits for the next timer and fires it; false when nothing can happen any more or time is up. */
  async #fireNext(controls: QuickJSHandle): Promise<boolean> {
    this.#timers.sort((a, b) => a.dueAt - b.dueAt)
    const timer = this.#timers.shift()
    if (timer === undefined) return false
    const wakeAt = Math.min(timer.dueAt, this.#deadline + 1)
    // By this clock a sleep may be over a millisecond early.
    while (Date.now() < wakeAt) await sleep(wakeAt - Date.now())
    if (Date.now() > this.#deadline) return false
    const id = this.#context.newNumber(timer.id)
    this.#call(controls, 'fire', id).dispose()
    id.dispose()
    this.#drain()
    return true
  }

  #drain(): void {
    const jobs = this.#runtime.executePendingJobs()
    if (jobs.error !== undefined) this.#context.unwrapResult(jobs)
    jobs.dispose()
  }

  #unsettled(): CodeResult {
    if (Date.now() > this.#deadline) return { kind: 'timeout' }
    if (!this.#hasMemory()) return { kind: 'memory' }
    return { kind: 'error', message: 'Error: The code waits for something that never happens', stack: '' }
  }

  #read(controls: QuickJSHandle): CodeResult {
    const isReturned = this.#number(controls, 'state') === states.returned
    const handle = this.#call(controls, 'text')
    try {
      const type = this.#context.typeof(handle)
      if (type === 'undefined') return { kind: 'output' }
      if (this.#length(handle) > this.#job.outputChars) return { kind: 'output-limit' }
      const text = this.#context.getString(handle)
      return isReturned ? { kind: 'output', output: text } : errorResult(readFailure(text))
    } finally {
      handle.dispose()
    }
  }

  /** Whether there is room for a probe: a machine that ran out drops its pending work without a word. */
  #hasMemory(): boolean {
    const probe = this.#context.evalCode(`new Uint8Array(${probeBytes}).length`)
    const isFit = probe.error === undefined
    probe.dispose()
    return isFit
  }

  #length(handle: QuickJSHandle): number {
    const length = this.#context.getProp(handle, 'length')
    const value = this.#context.getNumber(length)
    length.dispose()
    return value
  }

  #number(controls: QuickJSHandle, name: string): number {
    const handle = this.#call(controls, name)
    const value = this.#context.getNumber(handle)
    handle.dispose()
    return value
  }

  #call(controls: QuickJSHandle, name: string, ...args: QuickJSHandle[]): QuickJSHandle {
    return this.#context.unwrapResult(this.#context.callMethod(controls, name, args))
  }
}

function readFailure(text: string): { message: string; stack: string } {
  const failure = asObject(parseJson(text))
  return { message: asText(failure['message']), stack: asText(failure['stack']) }
}

function errorResult(error: { message: string; stack: string }): CodeResult {
  return outOfMemory.test(error.message) ? { kind: 'memory' } : { kind: 'error', ...error }
}

/** A fault that did not come from the step's own code: a syntax the compiler let through, or a machine at its limits. */
function faultResult(error: unknown): CodeResult {
  if (!(error instanceof Error)) return { kind: 'error', message: String(error), stack: '' }
  if (error.name === 'RuntimeError') return { kind: 'memory' }
  return errorResult({ message: `${error.name}: ${error.message}`, stack: error.stack ?? '' })
}

function dispose(runtime: QuickJSRuntime): boolean {
  try {
    runtime.dispose()
    return true
  } catch {
    return false
  }
}
