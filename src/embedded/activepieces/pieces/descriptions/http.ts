import { choice, defaultChoice, type PieceDescription, type Property } from './description.ts'

const optional = { required: false } as const
const yesNo = { ...optional, type: 'CHECKBOX', defaultValue: false } as const
const dependent = { ...optional, type: 'DYNAMIC' } as const

const props: Record<string, Property> = {
  method: choice('Method', { GET: 'GET', POST: 'POST', PATCH: 'PATCH', PUT: 'PUT', DELETE: 'DELETE', HEAD: 'HEAD' }),
  url: { displayName: 'URL', required: true, type: 'SHORT_TEXT' },
  headers: { displayName: 'Headers', required: true, type: 'OBJECT' },
  queryParams: { displayName: 'Query params', required: true, type: 'OBJECT' },
  authType: {
    ...defaultChoice('Authentication', 'NONE', {
      None: 'NONE',
      'Basic Auth': 'BASIC',
      'Bearer Token': 'BEARER_TOKEN',
    }),
    required: true,
  },
  authFields: { displayName: 'Authentication Fields', refreshers: ['authType'], ...dependent },
  body_type: defaultChoice('Body Type', 'none', { None: 'none', 'Form Data': 'form_data', JSON: 'json', Raw: 'raw' }),
  body: { displayName: 'Body', refreshers: ['body_type'], ...dependent },
  response_is_binary: { displayName: 'Response is Binary', description: 'The answer is given as base64', ...yesNo },
  timeout: { displayName: 'Timeout(in seconds)', type: 'NUMBER', ...optional },
  followRedirects: { displayName: 'Follow redirects', ...yesNo },
  failureMode: defaultChoice('On Failure', 'continue_none', {
    'Retry on all errors (4xx, 5xx)': 'retry_all',
    'Retry on internal errors (5xx)': 'retry_5xx',
    'Do not retry': 'retry_none',
    'Continue flow on all errors': 'continue_all',
    'Continue flow on 4xx errors': 'continue_4xx',
    'Do not continue (stop the flow)': 'continue_none',
  }),
}

export const http: PieceDescription = {
  name: '@activepieces/piece-http',
  displayName: 'HTTP',
  description: 'Sends an HTTP request and gives its answer',
  version: '0.11.10',
  categories: ['CORE'],
  failureOption: { hide: true, defaultValue: false },
  actions: {
    send_request: { displayName: 'Send HTTP request', description: 'Sends an HTTP request', props },
  },
  triggers: {},
}
