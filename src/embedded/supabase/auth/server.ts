import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sqlState } from '../database.ts'
import type { Logger } from '../logger.ts'
import { registerAdminRoutes } from './admin-routes.ts'
import type { Auth } from './context.ts'
import { registerDisabledRoutes } from './disabled-routes.ts'
import { AuthError, errorBody, errorVersion, isNewShape, versionHeader } from './errors.ts'
import { registerInformationRoutes, registerMailRoutes, registerSessionRoutes } from './routes.ts'

/** Auth's routes and its way of answering errors, to be registered under its prefix. */
export function registerAuth(app: FastifyInstance, auth: Auth): void {
  // Auth reads JSON whatever the content type says.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  app.setErrorHandler((error, request, reply) => sendError(toAuthError(error, auth.log), request, reply))
  app.setNotFoundHandler((request, reply) => sendError(new AuthError(404, 'unknown', 'Not found'), request, reply))
  registerInformationRoutes(app, auth)
  registerSessionRoutes(app, auth)
  registerMailRoutes(app, auth)
  registerDisabledRoutes(app)
  void app.register(async (scope) => registerAdminRoutes(scope, auth))
}

function sendError(error: AuthError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const version = request.headers[versionHeader]
  const newShape = isNewShape(Array.isArray(version) ? version[0] : version)
  if (newShape) void reply.header(versionHeader, errorVersion)
  return reply
    .code(error.status)
    .header('x-sb-error-code', error.code)
    .send(errorBody(error, newShape, randomUUID()))
}

function toAuthError(error: unknown, log: Logger): AuthError {
  if (error instanceof AuthError) return error
  const code = codeOf(error)
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new AuthError(413, 'request_entity_too_large', 'Request body is too large')
  }
  if (code === 'FST_ERR_HANDLER_TIMEOUT' || sqlState(error) === '57014') {
    return new AuthError(504, 'request_timeout', 'Processing this request timed out, please retry after a moment.')
  }
  if (['40P01', '40001', '55P03'].includes(sqlState(error))) {
    return new AuthError(409, 'conflict', 'Another request is changing the same user, please retry after a moment.')
  }
  if (code.startsWith('FST_ERR_CTP')) return new AuthError(400, 'bad_json', 'Could not read the request body')
  log.error({ err: error }, 'a request to Auth failed')
  return new AuthError(500, 'unexpected_failure', 'Unexpected failure, please check server logs for more information')
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
