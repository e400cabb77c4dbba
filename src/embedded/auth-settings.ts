import type { Environment } from '../config.ts'
import { type AuthSettings, defaultAuthSettings, type SmtpSettings } from './supabase/index.ts'

/** The embedded Auth's settings as the environment gives them. */
export function authSettings(env: Environment): Partial<AuthSettings> {
  const { rateLimits } = defaultAuthSettings
  return {
    siteUrl: env.AUTH_SITE_URL ?? env.PUBLIC_URL ?? defaultAuthSettings.siteUrl,
    redirectAllowList: env.AUTH_REDIRECT_ALLOW_LIST,
    autoconfirm: env.AUTH_AUTOCONFIRM,
    anonymousUsers: env.ALLOW_ANONYMOUS_USERS,
    accessTokenSeconds: env.AUTH_ACCESS_TOKEN_SECONDS,
    refreshReuseSeconds: env.AUTH_REFRESH_REUSE_SECONDS,
    passwordMinLength: env.AUTH_PASSWORD_MIN_LENGTH,
    passwordRequiredCharacters: env.AUTH_PASSWORD_REQUIRED_CHARACTERS.split(':').filter(Boolean),
    signInFailures: {
      ...defaultAuthSettings.signInFailures,
      perAccount: env.AUTH_SIGN_IN_FAILURES_PER_ACCOUNT,
      perAddress: env.AUTH_SIGN_IN_FAILURES_PER_ADDRESS,
    },
    rateLimits: {
      ...rateLimits,
      token: { ...rateLimits.token, requests: env.AUTH_TOKEN_REQUESTS_PER_5_MINUTES },
      mail: { ...rateLimits.mail, requests: env.AUTH_MAIL_REQUESTS_PER_5_MINUTES },
    },
    mailIntervalSeconds: env.AUTH_MAIL_INTERVAL_SECONDS,
    mailsPerHour: env.AUTH_MAILS_PER_HOUR,
    mailFrom: env.MAIL_FROM,
    ...(env.SMTP_URL ? { smtp: smtpOf(new URL(env.SMTP_URL)) } : {}),
  }
}

function smtpOf(url: URL): SmtpSettings {
  const secure = url.protocol === 'smtps:'
  return {
    host: url.hostname,
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    ...(url.username ? { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) } : {}),
  }
}
