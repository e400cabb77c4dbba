import { AuthError, fail } from './errors.ts'
import { FailureCounts } from './failure-counts.ts'
import { RecentMap } from './recent-map.ts'
import type { AuthSettings } from './settings.ts'
import { TokenBuckets } from './token-buckets.ts'

/** Says when somebody has to wait; all of it in memory, and bounded. */
export class Throttle {
  readonly #settings: AuthSettings
  readonly #now: () => number
  readonly #requests: TokenBuckets
  readonly #failures: FailureCounts
  readonly #mails = new RecentMap<number>()

  constructor(settings: AuthSettings, now: () => number) {
    this.#settings = settings
    this.#now = now
    this.#requests = new TokenBuckets(now)
    this.#failures = new FailureCounts(now, settings.signInFailures.perSeconds)
  }

  /** Takes one request of this kind from an address's allowance, or throws. */
  takeRequest(kind: keyof AuthSettings['rateLimits'], address: string): void {
    if (!this.#requests.take(`${kind} ${address}`, this.#settings.rateLimits[kind])) throw tooMany()
  }

  /**
   * Counts a guess before it is looked at, so that guesses made at once count too; throws when there were too many.
   * A guess that succeeds counts neither for the account nor for the address.
   */
  startGuess(account: string, address: string): { succeed(): void } {
    const { perAccount, perAddress } = this.#settings.signInFailures
    if (this.#failures.add(`address ${address}`) > perAddress) throw tooMany()
    if (this.#failures.add(`account ${account}`) > perAccount) throw tooMany()
    return {
      succeed: () => {
        this.#failures.forgive(`account ${account}`)
        this.#failures.takeBack(`address ${address}`)
      },
    }
  }

  /**
   * Throws when this kind of mail went to this address a moment ago, or too many went out at all; whether the address
   * has an account plays no part.
   */
  takeMail(kind: string, email: string): void {
    const { mailIntervalSeconds, mailsPerHour } = this.#settings
    const key = `${kind} ${email}`
    const waitMs = (this.#mails.get(key) ?? -Infinity) + mailIntervalSeconds * 1000 - this.#now()
    if (waitMs > 0) tooSoon(waitMs)
    const hourly = { requests: mailsPerHour, perSeconds: 3600, burst: mailsPerHour }
    if (!this.#requests.take('sent mail', hourly)) {
      fail(429, 'over_email_send_rate_limit', 'email rate limit exceeded')
    }
    this.#mails.set(key, this.#now())
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
