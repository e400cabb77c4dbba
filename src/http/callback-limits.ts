import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { BoundedCache } from '../bounded-cache.ts'
import type { CallbackSender } from '../services/workflows/callbacks.ts'
import { countRequest, refuseExceeded } from './rate-limits.ts'

const requestsPerMinutePerAttempt = 600
const refusedPerMinutePerRun = 60
const refusedPerMinutePerAddress = 1200

type CallbackRequest = FastifyRequest<{ Params: { executionId: string } }>

/** Slows down guessing, and the flow that cannot stop talking, while one engine sends for everybody from one address. */
export interface CallbackLimits {
  /** @throws {DomainError} TOO_MANY_REQUESTS */
  admit(request: CallbackRequest, reply: FastifyReply, sender: CallbackSender | undefined): Promise<void>
  /** Counts a refusal against the address, and the address's tries at this run. */
  refused(request: CallbackRequest): Promise<void>
  /** A sender once believed is not held up by the wrong guesses of others behind its address. */
  trust(sender: CallbackSender): void
}

export async function limitCallbacks(app: FastifyInstance): Promise<CallbackLimits> {
  await app.register(rateLimit, { global: false, timeWindow: '1 minute', cache: 20_000 })
  const trusted = new BoundedCache<string, true>(10_000)
  const keys = new WeakMap<FastifyRequest, string>()
  // By secret and not by run alone: a stranger who knows a run's id must not use up its requests.
  const byAttempt = app.createRateLimit({
    max: requestsPerMinutePerAttempt,
    keyGenerator: (request) => keys.get(request) ?? '',
  })
  const refusals = [
    app.createRateLimit({ max: refusedPerMinutePerAddress, keyGenerator: (request) => request.ip }),
    app.createRateLimit({ max: refusedPerMinutePerRun, keyGenerator: (request) => `${request.ip} ${runOf(request)}` }),
  ]
  const refused = async (request: CallbackRequest) => {
    for (const limiter of refusals) await limiter(request)
  }
  return {
    refused,
    trust: (sender) => trusted.set(keyOf(sender), true),
    admit: async (request, reply, sender) => {
      if (!sender || !trusted.get(keyOf(sender)))
        for (const limiter of refusals) {
          const seen = await limiter(request, { increment: false })
          if (!seen.isAllowed && seen.remaining === 0) refuseExceeded(reply, seen.ttlInSeconds)
        }
      if (!sender) return refused(request)
      keys.set(request, keyOf(sender))
      await countRequest(byAttempt, request, reply)
    },
  }
}

function runOf(request: FastifyRequest): string {
  const params: unknown = request.params
  return typeof params === 'object' && params !== null && 'executionId' in params
    ? String(params.executionId).slice(0, 36)
    : ''
}

function keyOf({ executionId, secretHash }: CallbackSender): string {
  return `${executionId} ${secretHash}`
}
