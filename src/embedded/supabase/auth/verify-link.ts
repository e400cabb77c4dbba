import type { Queryable } from '../database.ts'
import { unknownActor, writeAudit } from './audit.ts'
import type { Auth, Call } from './context.ts'
import { AuthError } from './errors.ts'
import { issueCode } from './flow-state.ts'
import { isPkceHash } from './one-time-tokens.ts'
import { allowedRedirect } from './redirects.ts'
import { type SignInMethod, startSession } from './sessions.ts'
import { halfConfirmed, redeem } from './verification.ts'

type Parameters = Record<string, string>

const methods: Record<string, SignInMethod> = {
  signup: 'email/signup',
  invite: 'invite',
  recovery: 'recovery',
  magiclink: 'magiclink',
  email_change: 'email_change',
}

/** Opens a link from a mail and says where to send the browser: to an allowed address, with the result in it. */
export async function followLink(auth: Auth, call: Call, token: string, type: string): Promise<string> {
  auth.throttle.takeRequest('verify', call.ip)
  const guess = auth.throttle.startGuess(`link ${token.slice(0, 80)}`, call.ip)
  const target = allowedRedirect(auth.settings, call.redirectTo)
  try {
    const address = await auth.db.transaction((tx) => open(auth, call, tx, { token, type, target }))
    guess.succeed()
    return address
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    await writeAudit({ auth, call }, unknownActor(''), 'login_failed', { type: type.slice(0, 50), code: error.code })
    const fault = { error: faultName(error.status), error_code: error.code, error_description: error.message }
    return withParameters(target, isPkceHash(token) ? fault : {}, { ...fault, sb: '' })
  }
}

async function open(
  auth: Auth,
  call: Call,
  tx: Queryable,
  { token, type, target }: { token: string; type: string; target: string },
): Promise<string> {
  const refusal = 'Email link is invalid or has expired'
  const user = await redeem(auth, call, tx, { type, hashes: token ? [token] : [], refusal })
  if (!user) return withParameters(target, {}, { message: halfConfirmed, sb: '' })
  if (isPkceHash(token)) {
    return withParameters(target, { code: await issueCode(auth, tx, user.id, methods[type] ?? 'otp') }, {})
  }
  const session = await startSession(auth, call, tx, user, 'otp')
  return withParameters(
    target,
    {},
    {
      access_token: session.access_token,
      expires_at: String(session.expires_at),
      expires_in: String(session.expires_in),
      refresh_token: session.refresh_token,
      sb: '',
      token_type: session.token_type,
      type,
    },
  )
}

function faultName(status: number): string {
  if (status >= 500) return 'server_error'
  return status === 403 ? 'access_denied' : 'invalid_request'
}

function withParameters(target: string, query: Parameters, fragment: Parameters): string {
  const url = new URL(target)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  url.hash = new URLSearchParams(fragment).toString()
  return url.href
}
