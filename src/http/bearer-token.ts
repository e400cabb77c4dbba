import type { FastifyRequest } from 'fastify'

/** The token of the authorization header; empty when the header is of another form. */
export function bearerToken(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization
  return header?.match(/^Bearer +(\S+)$/i)?.[1] ?? (header ? '' : undefined)
}
