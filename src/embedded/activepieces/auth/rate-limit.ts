import type { FastifyReply, FastifyRequest } from 'fastify'
import { FrameworkError } from '../errors.ts'
import type { Settings } from '../settings.ts'

const windowMs = 60_000

interface Window {
  used: number
  endsAt: number
}

/** A fixed window per route and caller; the caller is `x-real-ip` where a proxy sets it. */
export function rateLimit(settings: Settings) {
  const windows = new Map<string, Window>()
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const now = settings.now()
    const max = settings.limits.authenticationPerMinute
    const key = `${request.routeOptions.url ?? ''} ${String(request.headers['x-real-ip'] ?? request.ip)}`
    for (const [name, window] of windows) if (window.endsAt <= now) windows.delete(name)
    const window = windows.get(key) ?? { used: 0, endsAt: now + windowMs }
    windows.set(key, window)
    window.used += 1
    const seconds = Math.ceil((window.endsAt - now) / 1000)
    reply.header('x-ratelimit-limit', max)
    reply.header('x-ratelimit-remaining', Math.max(0, max - window.used))
    reply.header('x-ratelimit-reset', seconds)
    if (window.used <= max) return
    reply.header('retry-after', seconds)
    throw new FrameworkError(429, `Rate limit exceeded, retry in ${seconds} seconds`)
  }
}
