import { type CodeStep, codeAction, type ReadyAction, tagAction, webhookTrigger } from './flow-actions.ts'
import { readFileAction, tellResultAction } from './http-actions.ts'

export { type CodeStep, engineSecretHeader, engineSecretPlaceholder, type ReadyAction } from './flow-actions.ts'

/** What `catalog/<slug>/flow.ts` exports: the steps after the request was checked, in order. */
export interface FlowDescription {
  displayName: string
  steps: (CodeStep | ReadyAction)[]
  /** Set where a file may be chosen instead of a text: it is fetched first, and the first step takes `fileAnswer` besides. */
  file?: { mostMegabytes: number } | undefined
  /** The step that returns the envelope; the last one unless another is named. */
  resultStep?: string | undefined
}

export interface Flow {
  displayName: string
  trigger: unknown
  schemaVersion: string
}

export const checkRequestStep: CodeStep = {
  name: 'check_request',
  displayName: 'Check the request',
  input: { body: "{{trigger['body']}}" },
}

/** The flow as ActivePieces imports it. `codes` holds the bundled source of each code step by its name. */
export function buildFlow({ displayName, steps, file, resultStep }: FlowDescription, codes: Map<string, string>): Flow {
  const limit: CodeStep['input'] = file ? { mostMegabytes: String(file.mostMegabytes) } : {}
  const check = { ...checkRequestStep, input: { ...checkRequestStep.input, ...limit } }
  const working = [check, ...(file ? [readFileAction()] : []), ...steps].map((step) =>
    'settings' in step ? step : codeAction(step, codes.get(step.name) ?? ''),
  )
  const last = resultStep ?? working.at(-1)?.name ?? ''
  const chain = [tagAction(), ...working, tellResultAction(last)].reduceRight<object | undefined>(
    (next, step) => (next === undefined ? step : { ...step, nextAction: next }),
    undefined,
  )
  return { displayName, schemaVersion: '20', trigger: { ...webhookTrigger(), nextAction: chain } }
}
