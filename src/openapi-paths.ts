import { z } from 'zod'
import { callbackBody, callbackReceipt, mostMessages } from './contracts/callbacks.ts'

const errors = { default: { $ref: '#/components/responses/error' } }
const executionId = { name: 'executionId', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }
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
    '/callbacks/activepieces/{executionId}': { post: { ...callback, servers: [{ url: server }] } },
  }
}

const watch = {
  operationId: 'executions-watch',
  summary: 'Watch a run: server-sent events until it has ended',
  tags: ['Executions'],
  security: [{ Authorization: [] }],
  parameters: [executionId, lastEventId],
  responses: {
    200: {
      description: 'One event for each thing that happens',
      content: { 'text/event-stream': { schema: { type: 'string' } } },
    },
    ...errors,
  },
}

const callback = {
  operationId: 'callbacks-activepieces',
  summary: 'For flows: tell of a run',
  description: `Progress, log lines, insights and the result of a run, one message or up to ${mostMessages} at once. Each counts once by its id, in any order and however often it is sent.`,
  tags: ['Callbacks'],
  security: [{ CallbackSecret: [] }],
  parameters: [executionId],
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

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io })
  return rest
}
