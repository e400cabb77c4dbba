import { STATUS_CODES } from 'node:http'
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { EngineContext } from './context.ts'
import { DomainError, FrameworkError } from './errors.ts'
import { acceptBodies } from './http/bodies.ts'
import { isObject } from './json.ts'
import { authenticationRoutes } from './routes/authentication.ts'
import { flowRunRoutes } from './routes/flow-runs.ts'
import { flowRoutes } from './routes/flows.ts'
import { managementRoutes } from './routes/management.ts'
import { openApiRoute } from './routes/openapi.ts'
import { pieceRoutes } from './routes/pieces.ts'
import { platformRoutes } from './routes/platforms.ts'
import { projectRoutes } from './routes/projects.ts'
import { systemRoutes } from './routes/system.ts'
import { waitpointRoutes } from './routes/waitpoints.ts'
import { webhookRoutes } from './routes/webhooks.ts'

const longestParam = 256

export function createServer(bodyLimit: number, logger: FastifyBaseLogger | undefined): FastifyInstance {
  const logging = logger === undefined ? { logger: false } : { loggerInstance: logger }
  const server: FastifyInstance = fastify({
    ...logging,
    bodyLimit,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    routerOptions: { maxParamLength: longestParam },
  })
  acceptBodies(server)
  server.setNotFoundHandler((request, reply) => {
    if (!request.url.startsWith('/api')) return reply.type('text/html; charset=utf-8').send(noInterface)
    return reply.status(404).send(routeNotFound)
  })
  server.setErrorHandler((error, request, reply) => {
    const { status, body } = describe(error)
    if (status >= 500) request.log.error({ err: error }, 'request failed')
    return reply.status(status).send(body)
  })
  return server
}

/** Where a real server shows its web interface, for any address outside the API. */
const noInterface = '<html><title>Flow engine</title><p>This engine has no web interface.</p></html>'
const routeNotFound = { statusCode: 404, error: 'Not Found', message: 'Route not found' }

/** The two shapes of an error: the domain's own, and the web framework's. */
function describe(error: unknown): { status: number; body: object } {
  if (error instanceof DomainError) return { status: error.status, body: { code: error.code, params: error.params } }
  if (error instanceof FrameworkError) return { status: error.status, body: error.body() }
  const status = isObject(error) && typeof error['statusCode'] === 'number' ? error['statusCode'] : 500
  const code = isObject(error) && typeof error['code'] === 'string' && status < 500 ? { code: error['code'] } : {}
  const message = error instanceof Error && status < 500 ? error.message : 'Internal Server Error'
  return { status, body: { statusCode: status, ...code, error: STATUS_CODES[status] ?? 'Error', message } }
}

export function addRoutes(server: FastifyInstance, context: EngineContext): void {
  void server.register(
    async (api) => {
      openApiRoute(api)
      systemRoutes(api, context)
      authenticationRoutes(api, context)
      platformRoutes(api, context)
      projectRoutes(api, context)
      flowRoutes(api, context)
      flowRunRoutes(api, context)
      waitpointRoutes(api, context)
      webhookRoutes(api, context)
      pieceRoutes(api, context)
      managementRoutes(api, context)
    },
    { prefix: '/api/v1' },
  )
}
