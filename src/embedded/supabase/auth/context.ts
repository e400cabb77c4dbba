import type { Database } from '../database.ts'
import type { KeyRing } from '../key-ring.ts'
import type { Logger } from '../logger.ts'
import type { Mailer } from './mailer.ts'
import type { PasswordHasher } from './passwords.ts'
import type { AuthSettings } from './settings.ts'
import type { Throttle } from './throttle.ts'

/** What every use case of Auth works with. */
export interface Auth {
  readonly db: Database
  readonly settings: AuthSettings
  readonly keys: KeyRing
  readonly mailer: Mailer
  readonly passwords: PasswordHasher
  readonly throttle: Throttle
  readonly log: Logger
  /** Public address of Auth, and the issuer of its tokens. */
  readonly issuer: string
  now(): number
}

/** What is known of a request beside its body. */
export interface Call {
  readonly ip: string
  readonly userAgent: string
  readonly authorization: string | undefined
  /** Where the caller wants to be sent after a link; not checked yet. */
  readonly redirectTo: string | undefined
}
