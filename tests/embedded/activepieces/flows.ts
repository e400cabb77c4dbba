const never = { continueOnFailure: { value: false }, retryOnFailure: { value: false } }
const lastUpdatedDate = '2026-11-21T00:00:00.000Z'

export interface StepOptions {
  continueOnFailure?: boolean
  retryOnFailure?: boolean
  skip?: boolean
}

type Step = { name: string; settings: object; nextAction?: Step } & Record<string, unknown>

export function code(name: string, source: string, input: object = {}, options: StepOptions = {}): Step {
  const sourceCode = { packageJson: '{}', code: source }
  return step(name, 'CODE', { input, sourceCode }, options)
}

export function piece(name: string, action: string, input: object = {}, options: StepOptions = {}): Step {
  const [pieceName, actionName] = action.split(' ')
  const settings = { pieceName: `@activepieces/piece-${pieceName}`, pieceVersion: '1.0.0', actionName, input }
  return step(name, 'PIECE', { ...settings, propertySettings: {} }, options)
}

export function respond(name: string, body: unknown, respondMode = 'stop', status = 200): Step {
  const fields = { status, headers: { 'x-flow': 'yes' }, body }
  return piece(name, 'webhook return_response', { responseType: 'json', respond: respondMode, fields })
}

export function loop(name: string, items: unknown, body: Step[]): Step {
  return { ...step(name, 'LOOP_ON_ITEMS', { items }, {}), firstLoopAction: chain(body) }
}

export interface BranchSpec {
  /** Groups of conditions: any group, all of its members; none is the fallback. */
  conditions?: unknown[][]
  steps: Step[]
}

export function router(name: string, branches: BranchSpec[], executionType = 'EXECUTE_FIRST_MATCH'): Step {
  const settings = {
    executionType,
    branches: branches.map(({ conditions }, index) =>
      conditions === undefined
        ? { branchName: 'Otherwise', branchType: 'FALLBACK' }
        : { branchName: `Branch ${index + 1}`, branchType: 'CONDITION', conditions },
    ),
  }
  const children = branches.map(({ steps }) => chain(steps) ?? null)
  return { ...step(name, 'ROUTER', settings, {}), children }
}

export function webhookFlow(steps: Step[], authType = 'none', authFields: object = {}) {
  return {
    name: 'trigger',
    type: 'PIECE_TRIGGER',
    valid: true,
    displayName: 'Catch Webhook',
    lastUpdatedDate,
    settings: {
      pieceName: '@activepieces/piece-webhook',
      pieceVersion: '0.1.35',
      triggerName: 'catch_webhook',
      input: { authType, authFields },
      propertySettings: {},
    },
    nextAction: chain(steps),
  }
}

function step(name: string, type: string, settings: object, options: StepOptions): Step {
  const errorHandlingOptions = {
    continueOnFailure: { value: options.continueOnFailure ?? never.continueOnFailure.value },
    retryOnFailure: { value: options.retryOnFailure ?? never.retryOnFailure.value },
  }
  const common = { name, type, valid: true, displayName: `Step ${name}`, lastUpdatedDate, skip: options.skip ?? false }
  return { ...common, settings: { ...settings, errorHandlingOptions } }
}

function chain(steps: Step[]): Step | undefined {
  return steps.reduceRight<Step | undefined>(
    (below, above) => (below === undefined ? above : { ...above, nextAction: below }),
    undefined,
  )
}
