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
}

// Part of the format but without meaning for a flow that is generated: a fixed moment keeps the file stable.
const lastUpdatedDate = '2026-01-01T00:00:00.000Z'
const stopOnFailure = { continueOnFailure: { value: false }, retryOnFailure: { value: false } }
const continueOnFailure = { continueOnFailure: { value: true }, retryOnFailure: { value: false } }
const manual = { type: 'MANUAL' }
const callbackTimeoutSeconds = 10

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

/** Sends the output of a step to whoever started the run. A run without such an address, or with a deaf one, succeeds all the same. */
export function tellResultAction(resultStep: string): ReadyAction {
  const data = { id: 'finished', type: 'finished', status: 'succeeded', output: `{{${resultStep}}}` }
  const input = {
    method: 'POST',
    url: "{{trigger['body']['callback']['url']}}",
    headers: { authorization: "Bearer {{trigger['body']['callback']['token']}}" },
    queryParams: {},
    authType: 'NONE',
    authFields: {},
    body_type: 'json',
    body: { data },
    response_is_binary: false,
    use_proxy: false,
    timeout: callbackTimeoutSeconds,
    followRedirects: false,
    // The default would keep the whole request in the step's error message.
    failureMode: 'continue_all',
  }
  return action('PIECE', 'tell_result', 'Tell the result', {
    pieceName: '@activepieces/piece-http',
    pieceVersion: '0.11.10',
    actionName: 'send_request',
    input,
    propertySettings: tellResultProperties(Object.keys(input)),
    errorHandlingOptions: continueOnFailure,
  })
}

function tellResultProperties(names: string[]) {
  const schema = { data: { type: 'JSON', displayName: 'JSON Body', required: true } }
  return {
    ...Object.fromEntries(names.map((name) => [name, manual])),
    authFields: { ...manual, schema: {} },
    body: { ...manual, schema },
  }
}

function action(type: 'CODE' | 'PIECE', name: string, displayName: string, settings: object) {
  return { name, type, valid: true, displayName, skip: false, lastUpdatedDate, settings }
}
