import { action, manual, type ReadyAction, stopOnFailure } from './flow-actions.ts'

interface Request {
  /** What the request has beside what all have alike. */
  input: {
    method: string
    url: string
    queryParams: object
    headers: object
    body_type: string
    body: object
    timeout: number
  }
  bodySchema: object
  errorHandlingOptions: object
}

const continueOnFailure = { continueOnFailure: { value: true }, retryOnFailure: { value: false } }
const callbackTimeoutSeconds = 10
const fileTimeoutSeconds = 60

/** What the link to a file answered, for the step that reads the data; empty where the text came with the request. */
export const fileAnswer = {
  fileStatus: "{{read_studio_file['status']}}",
  fileText: "{{read_studio_file['body']}}",
  fileConvertedFrom: "{{read_studio_file['headers']['x-converted-from']}}",
}

/** Sends the output of a step to whoever started the run. A run without such an address, or with a deaf one, succeeds all the same. */
export function tellResultAction(resultStep: string): ReadyAction {
  const data = { id: 'finished', type: 'finished', status: 'succeeded', output: `{{${resultStep}}}` }
  const input = {
    method: 'POST',
    url: "{{trigger['body']['callback']['url']}}",
    queryParams: {},
    headers: { authorization: "Bearer {{trigger['body']['callback']['token']}}" },
    body_type: 'json',
    body: { data },
    timeout: callbackTimeoutSeconds,
    followRedirects: false,
    // The default would keep the whole request in the step's error message.
    failureMode: 'continue_all',
  }
  const bodySchema = { data: { type: 'JSON', displayName: 'JSON Body', required: true } }
  return request('tell_result', 'Tell the result', { input, bodySchema, errorHandlingOptions: continueOnFailure })
}

/** Fetches the file that was chosen instead of a text; a run without one does no more than look for it. */
export function readFileAction(): ReadyAction {
  const isFileGiven = { operator: 'EXISTS', firstValue: "{{trigger['body']['files'][0]['id']}}" }
  const input = {
    method: 'GET',
    url: "{{trigger['body']['files'][0]['url']}}",
    queryParams: { charset: 'utf-8' },
    headers: {},
    body_type: 'none',
    body: {},
    timeout: fileTimeoutSeconds,
    followRedirects: true,
    // The step itself fails, so that a retry from the failed step asks the link again.
    failureMode: 'continue_none',
  }
  const settings = { input, bodySchema: {}, errorHandlingOptions: stopOnFailure }
  const router = action('ROUTER', 'look_for_file', 'Look for a file', {
    branches: [
      { branchName: 'A file was chosen', branchType: 'CONDITION', conditions: [[isFileGiven]] },
      { branchName: 'The text came with the request', branchType: 'FALLBACK' },
    ],
    executionType: 'EXECUTE_FIRST_MATCH',
  })
  return { ...router, children: [request('read_studio_file', 'Read the file', settings), null] }
}

function request(name: string, displayName: string, { input, bodySchema, errorHandlingOptions }: Request): ReadyAction {
  const common = { authType: 'NONE', authFields: {}, response_is_binary: false, use_proxy: false }
  const whole = { ...input, ...common }
  return action('PIECE', name, displayName, {
    pieceName: '@activepieces/piece-http',
    pieceVersion: '0.11.10',
    actionName: 'send_request',
    input: whole,
    propertySettings: {
      ...Object.fromEntries(Object.keys(whole).map((property) => [property, manual])),
      authFields: { ...manual, schema: {} },
      body: { ...manual, schema: bodySchema },
    },
    errorHandlingOptions,
  })
}
