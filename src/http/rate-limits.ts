import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { VerifyToken } from '../auth.ts'
import { DomainError } from '../errors.ts'
import { bearerToken } from './bearer-token.ts'

export interface RateLimits {
  requestsPerMinutePerAddress: number
  requestsPerMinutePerUser: number
}

type Limiter = ReturnType<FastifyInstance['createRateLimit']>

/** Counts each request for its address, then finds out whose it is, then counts it for that person. */
export async function limitRates(api: FastifyInstance, verifyToken: VerifyToken, limits: RateLimits): Promise<void> {
  api.decorateRequest('caller', undefined)
  const byAddress = await limitAddresses(api, limits)
  const byUser = api.createRateLimit({
    max: limits.requestsPerMinutePerUser,
    keyGenerator: (request) => request.caller?.userId ?? '',
  })
  api.addHook('onRequest', async (request, reply) => {
    await countRequest(byAddress, request, reply)
    const token = bearerToken(request)
    if (token === undefined) return
    request.caller = await verifyToken(token)
    await countRequest(byUser, request, reply)
  })
}

/** Counts requests by address; for the routes of this scope alone. */
export async function limitAddresses(
  scope: FastifyInstance,
  { requestsPerMinutePerAddress: max }: Pick<RateLimits, 'requestsPerMinutePerAddress'>,
): Promise<Limiter> {
  await scope.register(rateLimit, { global: false, timeWindow: '1 minute', cache: 20_000 })
  // Not `scope.rateLimit`: of its handlers only the first one on a request counts.
  return scope.createRateLimit({ max, keyGenerator: (request) => request.ip })
}

/** Of several limits the headers tell the one that is nearer (draft-ietf-httpapi-ratelimit-headers). */
export async function countRequest(limiter: Limiter, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const seen = await limiter(request)
  if (seen.isAllowed) return
  const told = Number(reply.getHeader('ratelimit-remaining') ?? Number.POSITIVE_INFINITY)
  const nearer = { limit: seen.max, remaining: seen.remaining, reset: seen.ttlInSeconds }
  if (seen.remaining < told || seen.isExceeded)
    for (const [name, value] of Object.entries(nearer)) reply.header(`ratelimit-${name}`, value)
  if (seen.isExceeded) refuseExceeded(reply, seen.ttlInSeconds)
}

/** @throws {DomainError} TOO_MANY_REQUESTS */
export function refuseExceeded(reply: FastifyReply, waitSeconds: number): never {
  reply.header('retry-after', waitSeconds)
  throw new DomainError('TOO_MANY_REQUESTS', 'Too many requests; wait as long as the retry-after header says.')
}
