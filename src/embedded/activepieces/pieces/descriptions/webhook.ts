import { defaultChoice, type PieceDescription, type Property } from './description.ts'

const responseType = defaultChoice('Response Type', 'json', { JSON: 'json', Raw: 'raw', Redirect: 'redirect' })
const fields: Property = { displayName: 'Response', refreshers: ['responseType'], required: true, type: 'DYNAMIC' }
const authType: Property = {
  ...defaultChoice('Authentication', 'none', {
    None: 'none',
    'Basic Auth': 'basic',
    'Header Auth': 'header',
    'HMAC Signature': 'hmac',
  }),
  required: true,
}

export const webhook: PieceDescription = {
  name: '@activepieces/piece-webhook',
  displayName: 'Webhook',
  description: 'Starts a flow by an HTTP request, and answers it',
  version: '0.1.35',
  categories: ['CORE'],
  failureOption: { defaultValue: false },
  actions: {
    return_response: {
      displayName: 'Return Response',
      description: 'Answers the request that started the run',
      props: {
        responseType,
        fields,
        respond: defaultChoice('Flow Execution', 'stop', { Stop: 'stop', 'Respond and Continue': 'respond' }),
      },
    },
    return_response_and_wait_for_next_webhook: {
      displayName: 'Respond and Wait for Next Webhook',
      description: 'Answers the request, and pauses the run until the next one',
      props: { responseType, fields },
    },
  },
  triggers: {
    catch_webhook: {
      displayName: 'Catch Webhook',
      description: 'Takes an HTTP request of any method',
      props: {
        authType,
        authFields: {
          displayName: 'Authentication Fields',
          required: false,
          refreshers: ['authType'],
          type: 'DYNAMIC',
        },
      },
    },
  },
}
