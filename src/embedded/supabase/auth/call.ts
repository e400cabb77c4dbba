import type { FastifyRequest } from 'fastify'
import type { Auth, Call } from './context.ts'

export function callOf(auth: Auth, request: FastifyRequest): Call {
  const { authorization } = request.headers
  return {
    ip: addressOf(auth, request),
    userAgent: firstOf(request.headers['user-agent']) ?? '',
    authorization,
    redirectTo: queryValue(request, 'redirect_to') ?? firstOf(request.headers['redirect_to']),
  }
}

export function queryValue(request: FastifyRequest, name: string): string | undefined {
  const { query } = request
  if (typeof query !== 'object' || query === null) return undefined
  const value: unknown = Reflect.get(query, name)
  const first: unknown = Array.isArray(value) ? value[0] : value
  return typeof first === 'string' && first !== '' ? first : undefined
}

function addressOf({ settings }: Auth, request: FastifyRequest): string {
  const named = settings.rateLimitHeader ? firstOf(request.headers[settings.rateLimitHeader.toLowerCase()]) : undefined
  return named?.split(',')[0]?.trim().slice(0, 64) || request.ip
}

function firstOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}
