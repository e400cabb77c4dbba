/** A token bucket: `burst` at once, refilled by `requests` every `perSeconds`. */
export interface RateLimit {
  requests: number
  perSeconds: number
  burst: number
}

export interface SmtpSettings {
  host: string
  port: number
  secure?: boolean
  user?: string
  password?: string
}

export interface AuthSettings {
  /** Where links in mails lead when they name no other allowed address. */
  siteUrl: string
  /** Globs of further addresses: `*` stays within one part of host or path, `**` does not. */
  redirectAllowList: readonly string[]
  disableSignup: boolean
  emailEnabled: boolean
  /** New users need not confirm their address. */
  autoconfirm: boolean
  anonymousUsers: boolean
  /** A change of address is confirmed at the old and at the new one. */
  secureEmailChange: boolean
  requireCurrentPassword: boolean
  /** A password change in a session older than a day needs a code sent by mail. */
  requireReauthentication: boolean
  accessTokenSeconds: number
  refreshReuseSeconds: number
  /** How long codes and links in mails are good. */
  otpSeconds: number
  pkceSeconds: number
  passwordMinLength: number
  /** A password needs one character of each of these. */
  passwordRequiredCharacters: readonly string[]
  refuseCommonPasswords: boolean
  argon2: { memoryKiB: number; passes: number; parallelism: number }
  /** Failed sign-ins after which an account, or an address, has to wait. */
  signInFailures: { perAccount: number; perAddress: number; perSeconds: number }
  rateLimits: { token: RateLimit; mail: RateLimit; verify: RateLimit; anonymous: RateLimit }
  /** Header that names the caller's address, set by a proxy; empty takes the connection's address. */
  rateLimitHeader: string
  /** Between two mails of one kind to one address. */
  mailIntervalSeconds: number
  mailsPerHour: number
  mailFrom: string
  /** Without it mails are written as files. */
  smtp?: SmtpSettings
  /** Of user_metadata and of app_metadata each: both travel in every access token. */
  metadataBytes: number
}

const fiveMinutes = { perSeconds: 300, burst: 30 }

export const defaultAuthSettings: AuthSettings = {
  siteUrl: 'http://127.0.0.1:3000',
  redirectAllowList: [],
  disableSignup: false,
  emailEnabled: true,
  autoconfirm: false,
  anonymousUsers: false,
  secureEmailChange: true,
  requireCurrentPassword: false,
  requireReauthentication: false,
  accessTokenSeconds: 900,
  refreshReuseSeconds: 10,
  otpSeconds: 3600,
  pkceSeconds: 300,
  passwordMinLength: 10,
  passwordRequiredCharacters: ['abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', '0123456789'],
  refuseCommonPasswords: true,
  argon2: { memoryKiB: 19_456, passes: 2, parallelism: 1 },
  signInFailures: { perAccount: 10, perAddress: 50, perSeconds: 300 },
  rateLimits: {
    token: { requests: 150, ...fiveMinutes },
    mail: { requests: 30, ...fiveMinutes },
    verify: { requests: 30, ...fiveMinutes },
    anonymous: { requests: 30, perSeconds: 3600, burst: 30 },
  },
  rateLimitHeader: '',
  mailIntervalSeconds: 60,
  mailsPerHour: 30,
  mailFrom: 'Studios AI <no-reply@localhost>',
  metadataBytes: 4096,
}
