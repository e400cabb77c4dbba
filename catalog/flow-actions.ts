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

/** An action written out as the engine imports it, of a piece for one; only its place in the flow is still open. */
export interface ReadyAction {
  name: string
  settings: object
  /** The first action of each branch of a router. */
  children?: (ReadyAction | null)[]
}

// Part of the format but without meaning for a flow that is generated: a fixed moment keeps the file stable.
const lastUpdatedDate = '2026-01-01T00:00:00.000Z'
export const stopOnFailure = { continueOnFailure: { value: false }, retryOnFailure: { value: false } }
export const manual = { type: 'MANUAL' }

export function webhookTrigger() {
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
      propertySettings: { authType: manual, authFields: { ...manual, schema: {} } },
    },
  }
}

export function codeAction({ name, displayName, input }: CodeStep, code: string): ReadyAction {
  const sourceCode = { packageJson: '{}', code }
  return action('CODE', name, displayName, { input, sourceCode, errorHandlingOptions: stopOnFailure })
}

/** Marks the run with our id, by which it can be found. */
export function tagAction(): ReadyAction {
  return action('PIECE', 'tag_run', 'Mark the run', {
    pieceName: '@activepieces/piece-tags',
    pieceVersion: '0.0.18',
    actionName: 'add_tag',
    input: { name: "{{trigger['body']['correlationId']}}" },
    propertySettings: { name: manual },
    errorHandlingOptions: stopOnFailure,
  })
}

/** An action as the engine imports it, with what is the same for all. */
export function action(type: 'CODE' | 'PIECE' | 'ROUTER', name: string, displayName: string, settings: object) {
  return { name, type, valid: true, displayName, skip: false, lastUpdatedDate, settings }
}
