import { generateOpenApiDocument, type OpenApiRouter } from 'trpc-to-openapi'
import { errorCodes } from './errors.ts'
import { callbackScheme, pathsByHand } from './openapi-paths.ts'
import type { AppRouter } from './routers/index.ts'

const errorBody = {
  type: 'object',
  required: ['code', 'message', 'issues', 'requestId'],
  properties: {
    code: { type: 'string', enum: [...errorCodes] },
    message: { type: 'string', description: 'One sentence: what was wrong and what would be right.' },
    issues: {
      type: 'array',
      description: 'Every fault of the input with its place; empty for other errors.',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
    requestId: { type: 'string', description: 'Name it when you ask for help.' },
  },
}

interface Operation {
  responses?: Record<string, unknown>
}

/** The OpenAPI 3.1 document of the REST interface; every error has the same body. */
export function openApiDocument(appRouter: AppRouter, options: { baseUrl: string; version: string }): object {
  const document = generateOpenApiDocument(appRouter as unknown as OpenApiRouter, {
    title: 'Studios AI',
    description:
      'Ready-made automation workflows for business teams. Sign in at the Auth address and send the access token as bearer token.',
    ...options,
    openApiVersion: '3.1.0',
  })
  const paths = Object.fromEntries(
    Object.entries(document.paths ?? {}).map(([path, item]) => [path, withOneError(item as Record<string, Operation>)]),
  )
  return {
    ...document,
    paths: joined(paths, pathsByHand(options.baseUrl.replace(/\/api\/v1$/, ''))),
    components: {
      ...document.components,
      securitySchemes: { ...document.components?.securitySchemes, ...callbackScheme },
      responses: { error: { description: 'What was wrong', content: { 'application/json': { schema: errorBody } } } },
    },
  }
}

// A path may have operations of both kinds.
function joined(...kinds: Record<string, object>[]): Record<string, object> {
  const paths: Record<string, object> = {}
  for (const [path, item] of kinds.flatMap(Object.entries)) paths[path] = { ...paths[path], ...item }
  return paths
}

function withOneError(item: Record<string, Operation>): Record<string, Operation> {
  return Object.fromEntries(
    Object.entries(item).map(([method, operation]) => {
      const success = Object.fromEntries(
        Object.entries(operation.responses ?? {}).filter(([status]) => status.startsWith('2')),
      )
      return [method, { ...operation, responses: { ...success, default: { $ref: '#/components/responses/error' } } }]
    }),
  )
}
