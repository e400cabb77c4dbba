import { AuthError, fail } from './errors.ts'
import { RecentMap } from './recent-map.ts'
import type { AuthSettings, RateLimit } from './settings.ts'

type Bucket = keyof AuthSettings['rateLimits'] | 'sentMail'

export interface Throttle {
  /** Takes one request of this kind from an address's allowance, or throws. */
  takeRequest(bucket: keyof AuthSettings['rateLimits'], address: string): void
  /** Counts a guess before it is looked at, so that guesses made at once count too; throws when there were too many. */
  startGuess(account: string, address: string): Guess
  /** Throws when this kind of mail went to this address a moment ago, or too many went out at all; whether the address has an account plays no part. */
  takeMail(kind: string, email: string): void
}

export interface Guess {
  /** It was right: it counts neither for the account nor for the address. */
  succeed(): void
}

export function createThrottle(settings: AuthSettings, now: () => number): Throttle {
  const tokens = new RecentMap<{ left: number; at: number }>()
  const failures = new RecentMap<{ count: number; since: number }>()
  const mails = new RecentMap<number>()

  const take = (bucket: Bucket, key: string, limit: RateLimit): boolean => {
    const known = tokens.get(`${bucket} ${key}`) ?? { left: limit.burst, at: now() }
    const refilled = known.left + ((now() - known.at) / 1000) * (limit.requests / limit.perSeconds)
    const left = Math.min(limit.burst, refilled)
    tokens.set(`${bucket} ${key}`, { left: left >= 1 ? left - 1 : left, at: now() })
    return left >= 1
  }

  const count = (key: string, change: number): number => {
    const known = failures.get(key)
    const isOver = !known || now() - known.since >= settings.signInFailures.perSeconds * 1000
    const next = isOver ? { count: Math.max(change, 0), since: now() } : { ...known, count: known.count + change }
    failures.set(key, next)
    return next.count
  }

  return {
    takeRequest: (bucket, address) => {
      if (!take(bucket, address, settings.rateLimits[bucket])) throw tooMany()
    },
    startGuess: (account, address) => {
      const { perAccount, perAddress } = settings.signInFailures
      if (count(`address ${address}`, 1) > perAddress || count(`account ${account}`, 1) > perAccount) throw tooMany()
      return {
        succeed: () => {
          failures.delete(`account ${account}`)
          count(`address ${address}`, -1)
        },
      }
    },
    takeMail: (kind, email) => {
      const waitMs = (mails.get(`${kind} ${email}`) ?? -Infinity) + settings.mailIntervalSeconds * 1000 - now()
      if (waitMs > 0) tooSoon(waitMs)
      const { mailsPerHour } = settings
      const hourly = { requests: mailsPerHour, perSeconds: 3600, burst: mailsPerHour }
      if (!take('sentMail', 'all', hourly)) fail(429, 'over_email_send_rate_limit', 'email rate limit exceeded')
      mails.set(`${kind} ${email}`, now())
    },
  }
}

function tooMany(): AuthError {
  return new AuthError(429, 'over_request_rate_limit', 'Request rate limit reached')
}

function tooSoon(waitMs: number): never {
  const seconds = Math.ceil(waitMs / 1000)
  const message = `For security purposes, you can only request this after ${seconds} seconds.`
  fail(429, 'over_email_send_rate_limit', message)
}
