import { callbackBody, callbackReceipt, mostMessages } from './contracts/callbacks.ts'
import { eventTypes } from './contracts/executions.ts'
import { filePaths } from './openapi-files.ts'
import { errors, pathId, schemaOf, uuid } from './openapi-parts.ts'
import { sharedPaths } from './openapi-shared.ts'

const lastEventId = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  schema: { type: 'string' },
  description: 'Resume after this event.',
}

/** How a flow proves itself: not the token of a person, but the secret that came with the start of its attempt. */
export const callbackScheme = { CallbackSecret: { type: 'http', scheme: 'bearer' } } as const

/** The paths that are no procedures. `server` is the server's own address: callbacks are outside the versioned API. */
export function pathsByHand(server: string): Record<string, object> {
  return {
    '/executions/{executionId}/watch': { get: watch },
    '/companies/{companyId}/executions/watch': { get: watchCompany },
    '/files/runs/{executionId}/{fileId}': { get: { ...runFile, servers: [{ url: server }] } },
    ...filePaths,
    '/callbacks/activepieces/{executionId}': { post: { ...callback, servers: [{ url: server }] } },
    ...sharedPaths(server),
  }
}

const stream = {
  200: {
    description: 'One event for each thing that happens',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  },
  ...errors,
}

const watch = {
  operationId: 'executions-watch',
  summary: 'Watch a run: server-sent events until it has ended and its effects are done',
  tags: ['Executions'],
  security: [{ Authorization: [] }],
  parameters: [pathId('executionId'), lastEventId],
  responses: stream,
}

const watchCompany = {
  operationId: 'executions-watchCompany',
  summary: 'Watch the runs of a company: server-sent events from now on',
  description:
    'Begins with an event `position`, which says nothing but how far the watch has come; resume after the id of the last event or position seen.',
  tags: ['Executions'],
  security: [{ Authorization: [] }],
  parameters: [
    pathId('companyId'),
    ...['studioId', 'templateId', 'executionId'].map((name) => ({ name, in: 'query', schema: uuid })),
    {
      name: 'types',
      in: 'query',
      explode: false,
      schema: { type: 'array', items: { type: 'string', enum: eventTypes } },
    },
    lastEventId,
  ],
  responses: stream,
}

const callback = {
  operationId: 'callbacks-activepieces',
  summary: 'For flows: tell of a run',
  description: `Progress, log lines, insights and the result of a run, one message or up to ${mostMessages} at once. Each counts once by its id, in any order and however often it is sent.`,
  tags: ['Callbacks'],
  security: [{ CallbackSecret: [] }],
  parameters: [pathId('executionId')],
  requestBody: {
    required: true,
    content: { 'application/json': { schema: schemaOf(callbackBody, 'input') } },
  },
  responses: {
    200: {
      description: 'How many messages were new, were known already, or came after the end of the attempt',
      content: { 'application/json': { schema: schemaOf(callbackReceipt, 'output') } },
    },
    ...errors,
  },
}

const runFile = {
  operationId: 'files-runs',
  summary: 'For flows: read a file of a run',
  description:
    'The address that a run was given for a file, complete with its token. It opens the bytes while the run goes on; after that the answer is 410. Parts can be asked for with Range.',
  tags: ['Callbacks'],
  security: [],
  parameters: [
    pathId('executionId'),
    pathId('fileId'),
    { name: 'token', in: 'query', required: true, schema: { type: 'string', maxLength: 200 } },
  ],
  responses: {
    200: {
      description: 'The bytes under their own content type',
      content: { '*/*': { schema: { type: 'string', format: 'binary' } } },
    },
    ...errors,
  },
}
