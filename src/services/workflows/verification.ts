import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Engine, EngineRun } from './engine.ts'

export interface Verifiable {
  flowId: string
  sampleInput: Record<string, unknown>
  exampleResult: unknown
  resultStep: string
}

/** `asExpected`: the result is the expected one to the last digit. */
export interface Verdict {
  state: 'asExpected' | 'differs' | 'failed' | 'notStarted' | 'noEnd'
  /** Where the result differs first, or why there is none; empty when all is as expected. */
  difference: string
}

const lookMs = 150
const longestMs = 120_000
// Clocks of two machines are never quite the same.
const clockSlackMs = 60_000

/** Runs a workflow with its sample directly at the engine and compares the result with the expected one. */
export async function verifyFlow(engine: Engine, wanted: Verifiable): Promise<Verdict> {
  const since = new Date(Date.now() - clockSlackMs).toISOString()
  const id = randomUUID()
  const correlationId = `${id}:1`
  // Nobody waits for the flow's message: its run is looked at.
  const told = { files: [], callback: { url: '', token: '' } }
  const payload = { execution: { id, attempt: 1 }, correlationId, input: JSON.stringify(wanted.sampleInput), ...told }
  const started = await engine.start(wanted.flowId, payload)
  if (started.kind !== 'accepted') return { state: 'notStarted', difference: started.reason }
  const deadline = Date.now() + longestMs
  const runId = await until(deadline, () => engine.findRun(wanted.flowId, correlationId, since))
  if (!runId) return { state: 'noEnd', difference: 'the engine never showed the run' }
  const run = await until(deadline, () => endedRun(engine, runId, wanted.resultStep))
  if (!run) return { state: 'noEnd', difference: `the run did not end within ${longestMs / 1000} seconds` }
  return verdictOn(run, wanted)
}

async function endedRun(engine: Engine, runId: string, resultStep: string): Promise<EngineRun | undefined> {
  const run = await engine.getRun(runId, resultStep)
  return run && ['succeeded', 'failed', 'cancelled', 'paused'].includes(run.status) ? run : undefined
}

function verdictOn(run: EngineRun, { resultStep, exampleResult }: Verifiable): Verdict {
  if (run.status !== 'succeeded') {
    const { name, message } = run.failedStep ?? { name: run.pausedStep?.name ?? 'run', message: run.status }
    return { state: 'failed', difference: `${name}: ${message}` }
  }
  const difference = firstDifference(run.steps.find(({ name }) => name === resultStep)?.output, exampleResult)
  return difference === undefined ? { state: 'asExpected', difference: '' } : { state: 'differs', difference }
}

async function until<T>(deadline: number, look: () => Promise<T | undefined>): Promise<T | undefined> {
  while (Date.now() < deadline) {
    const found = await look()
    if (found !== undefined) return found
    await delay(lookMs)
  }
  return undefined
}

/** The first place at which two JSON values differ, with both values; undefined when they are the same. */
export function firstDifference(actual: unknown, expected: unknown, path = ''): string | undefined {
  if (isDeepStrictEqual(actual, expected)) return undefined
  if (isBranch(actual) && isBranch(expected) && Array.isArray(actual) === Array.isArray(expected)) {
    const names = new Set([...Object.keys(expected), ...Object.keys(actual)])
    for (const name of names) {
      const difference = firstDifference(actual[name], expected[name], path ? `${path}.${name}` : name)
      if (difference !== undefined) return difference
    }
  }
  return `${path || 'result'}: ${shortened(actual)} instead of ${shortened(expected)}`
}

function isBranch(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function shortened(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}
