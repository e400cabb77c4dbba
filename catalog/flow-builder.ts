/** Stands in every flow for the installation's own secret; publishing puts the secret in its place. */
export const engineSecretPlaceholder = 'STUDIOS_ENGINE_SECRET_PLACEHOLDER'

/** Header in which the webhook trigger expects the installation's secret. */
export const engineSecretHeader = 'x-studios-engine-secret'

/** A code step. Its source is `steps/<name with dashes>.ts` and exports `code`; references are bare: `{{read_data['deals']}}`. */
export interface CodeStep {
  name: string
  displayName: string
  input: Record<string, string>
}

/** What `catalog/<slug>/flow.ts` exports: the steps after the request was checked, in order; the last one returns the envelope. */
export interface FlowDescription {
  displayName: string
  steps: CodeStep[]
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

// Part of the format but without meaning for a flow that is generated: a fixed moment keeps the file stable.
const lastUpdatedDate = '2026-01-01T00:00:00.000Z'
const errorHandlingOptions = { continueOnFailure: { value: false }, retryOnFailure: { value: false } }

/** The flow as ActivePieces imports it. `codes` holds the bundled source of each step by its name. */
export function buildFlow(description: FlowDescription, codes: Map<string, string>): Flow {
  const steps = [checkRequestStep, ...description.steps].map((step) => codeAction(step, codes.get(step.name) ?? ''))
  const chain = [tagAction(), ...steps].reduceRight<object | undefined>(
    (next, step) => (next === undefined ? step : { ...step, nextAction: next }),
    undefined,
  )
  return { displayName: description.displayName, schemaVersion: '20', trigger: { ...trigger(), nextAction: chain } }
}

function trigger() {
  return {
    name: 'trigger',
    type: 'PIECE_TRIGGER',
    valid: true,
    displayName: 'Start of a run',
    lastUpdatedDate,
    settings: {
      pieceName: '@activepieces/piece-webhook',
      pieceVersion: '0.1.29',
      triggerName: 'catch_webhook',
      input: {
        authType: 'header',
        authFields: { headerName: engineSecretHeader, headerValue: engineSecretPlaceholder },
      },
      propertySettings: { authType: { type: 'MANUAL' }, authFields: { type: 'MANUAL', schema: {} } },
    },
  }
}

function tagAction() {
  return {
    name: 'tag_run',
    type: 'PIECE',
    valid: true,
    displayName: 'Mark the run',
    skip: false,
    lastUpdatedDate,
    settings: {
      pieceName: '@activepieces/piece-tags',
      pieceVersion: '0.0.18',
      actionName: 'add_tag',
      input: { name: "{{trigger['body']['correlationId']}}" },
      propertySettings: { name: { type: 'MANUAL' } },
      errorHandlingOptions,
    },
  }
}

function codeAction({ name, displayName, input }: CodeStep, code: string) {
  return {
    name,
    type: 'CODE',
    valid: true,
    displayName,
    skip: false,
    lastUpdatedDate,
    settings: { input, sourceCode: { packageJson: '{}', code }, errorHandlingOptions },
  }
}
