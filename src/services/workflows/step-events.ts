import { z } from 'zod'
import type { ExecutionEvent } from '../../contracts/executions.ts'
import type { WorkItem } from '../../db/queries/work.ts'
import { contentsHidden } from './effects/contents.ts'
import type { EngineRun, EngineStep } from './engine.ts'
import { excerpt } from './excerpt.ts'
import { fileFailure, fileStep } from './file-failures.ts'
import type { Mask } from './masking.ts'

const told = z.array(z.object({ name: z.string(), title: z.string() }))

/** Steps that every flow has and no template explains. */
const plumbing: Record<string, string> = {
  trigger: 'Take the input',
  tag_run: 'Mark the run',
  check_request: 'Check the request',
  look_for_file: 'Look for a file',
  [fileStep]: 'Read the file',
}

/** The step by which a flow calls back: it is still at it when its news arrives, so nothing is told of it. */
const callbackStep = 'tell_result'

const wording = { running: 'under way', succeeded: 'done', failed: 'failed', paused: 'waiting' } satisfies Record<
  EngineStep['status'],
  string
>

/** What is new about a run's steps, as events with the titles of the template and with sensitive values hidden. */
export function newStepEvents(work: WorkItem, steps: EngineStep[], known: Set<string>, mask: Mask) {
  return steps
    .filter((step) => step.name !== callbackStep && !known.has(`${step.name}:${step.status}`))
    .map((step) => ({
      type: 'step' as const,
      level: step.status === 'failed' ? ('error' as const) : ('info' as const),
      message: `${titleOf(work, step.name)}: ${wording[step.status]}`,
      step: step.name,
      data: stepData(work, step, mask),
    }))
}

function stepData(work: WorkItem, step: EngineStep, mask: Mask): ExecutionEvent['data'] {
  const data: ExecutionEvent['data'] = {
    status: step.status,
    attempt: work.attempt,
    durationMs: step.durationMs ?? null,
  }
  const shown = mask({ input: excerpt(step.input), output: excerpt(contentsHidden(step.output)) })
  if (step.name !== 'trigger') data['input'] = shown.input
  if (step.outputSize !== undefined) data['outputBytes'] = step.outputSize
  else if (step.name !== 'trigger' && step.output !== undefined) data['output'] = shown.output
  if (step.errorMessage !== undefined) data['error'] = mask(reasonOf(step.name, step.errorMessage).slice(0, 2000))
  return data
}

export function titleOf(work: WorkItem, step: string): string {
  const steps = told.safeParse(work.stepTitles).data ?? []
  return steps.find((one) => one.name === step)?.title ?? plumbing[step] ?? step
}

function reasonOf(step: string, message: string): string {
  return step === fileStep ? fileFailure(message) : message
}

/** Why the engine's run failed, in a sentence for people. */
export function failureMessage(work: WorkItem, run: EngineRun): string {
  const { failedStep } = run
  if (failedStep) return `${titleOf(work, failedStep.name)}: ${reasonOf(failedStep.name, failedStep.message)}`
  if (run.failure === 'timeout') return 'The run took longer than the engine allows.'
  if (run.failure === 'rejected')
    return 'The run needed more memory or wrote more output than the engine allows; try with less data.'
  if (run.failure === 'quota') return "The engine's own quota is used up; ask the operator."
  return 'The engine failed while it carried out the run; start it again.'
}
