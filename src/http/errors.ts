import { TRPCError } from '@trpc/server'
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { DomainError } from '../errors.ts'
import { type PublicError, publicError, trpcCodes } from '../trpc.ts'

export type AnyError = FastifyError | TRPCError | DomainError

/** Gives every error of the REST side the same body: code, message, issues, requestId. */
export function registerErrors(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id))
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request
    const line = {
      method,
      route: routeOptions.url,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    }
    request.log.info({ ...line, userId: request.caller?.userId }, 'request')
  })
  app.setErrorHandler(answerError)
  app.setNotFoundHandler((request, reply) => {
    const message = `There is nothing at ${request.method} ${request.url.split('?')[0]}; /docs lists what there is.`
    return send(reply, 404, { code: 'NOT_FOUND', message, issues: [] }, request)
  })
}

/** Answers a call that failed; also those that Fastify gives up before any hook has run. */
export function answerError(error: AnyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, told } = describe(error)
  logError(request, error, told)
  return send(reply.header('x-request-id', request.id), status, told, request)
}

export function statusOf(told: PublicError): number {
  return getHTTPStatusCodeFromError(new TRPCError({ code: trpcCodes[told.code] }))
}

/** Failures of ours are logged whole; refusals only in one line. */
export function logError(request: FastifyRequest, error: unknown, told: PublicError): void {
  if (told.code === 'INTERNAL' || told.code === 'UNAVAILABLE')
    request.log.error({ err: error, code: told.code }, 'request failed')
  else request.log.info({ code: told.code, issues: told.issues.length }, 'request refused')
}

/** What is told of any failure, with its HTTP status. */
export function describe(error: AnyError): { status: number; told: PublicError } {
  const own = error instanceof DomainError || error instanceof TRPCError
  const told = own ? publicError(error) : (frameworkFault(error) ?? publicError(error))
  return { status: statusOf(told), told }
}

function frameworkFault(error: FastifyError): PublicError | undefined {
  const status = error.statusCode ?? 500
  const fault = (code: PublicError['code'], message: string): PublicError => ({ code, message, issues: [] })
  if (status === 413) return fault('PAYLOAD_TOO_LARGE', 'The request is larger than this address takes; send less.')
  if (status === 429)
    return fault('TOO_MANY_REQUESTS', 'Too many requests; wait as long as the retry-after header says.')
  if (status === 415) return fault('UNSUPPORTED_MEDIA_TYPE', 'Send JSON with content-type application/json.')
  if (status === 503) return fault('UNAVAILABLE', 'The server is busy at the moment; try again shortly.')
  if (status >= 400 && status < 500) return fault('BAD_REQUEST', `The request cannot be read: ${error.message}.`)
  return undefined
}

function send(reply: FastifyReply, status: number, told: PublicError, request: FastifyRequest): FastifyReply {
  const isTrpc = request.url.startsWith('/trpc/')
  return reply.code(status).send(isTrpc ? trpcError(status, told, request) : { ...told, requestId: request.id })
}

// What goes wrong before tRPC sees the request still has to look like tRPC to its client.
function trpcError(httpStatus: number, { message, code, issues }: PublicError, request: FastifyRequest): object {
  const data = { code, httpStatus, issues, requestId: request.id }
  return { error: { message, code: TRPC_ERROR_CODES_BY_KEY[trpcCodes[code]], data } }
}
