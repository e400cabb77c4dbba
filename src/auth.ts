import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { z } from 'zod'
import { BoundedCache } from './bounded-cache.ts'
import { DomainError } from './errors.ts'
import type { Caller } from './services/context.ts'

/** Where tokens come from. Issuer and key address are two settings: inside a container they differ. */
export interface AuthOptions {
  issuer: string
  jwksUrl: string
  /** Legacy HS256 secret; tokens signed with it are accepted only when it is set. */
  jwtSecret?: string | undefined
  allowAnonymous: boolean
}

/** Turns a bearer token into its caller. */
export type VerifyToken = (token: string) => Promise<Caller>

const claims = z.object({
  sub: z.uuid(),
  session_id: z.uuid(),
  role: z.literal('authenticated'),
  email: z.string().default(''),
  exp: z.number(),
  is_anonymous: z.boolean().default(false),
})

const largestCache = 10_000
const algorithms = ['ES256', 'RS256']

/**
 * Checks Supabase access tokens; a verified one is remembered until it expires, for checking costs more than most queries.
 * @throws {DomainError} UNAUTHORIZED for a fault of the token, UNAVAILABLE when the signing keys cannot be had.
 */
export function tokenVerifier(options: AuthOptions): VerifyToken {
  const keys = createRemoteJWKSet(new URL(options.jwksUrl), { timeoutDuration: 5000 })
  const secret = options.jwtSecret ? new TextEncoder().encode(options.jwtSecret) : undefined
  const known = new BoundedCache<string, Caller>(largestCache)
  const expected = { issuer: options.issuer, audience: 'authenticated' }
  return async (token) => {
    const remembered = known.get(token)
    if (remembered && remembered.expiresAt * 1000 > Date.now()) return remembered
    known.delete(token)
    const caller = toCaller(await verify(token), options.allowAnonymous)
    known.set(token, caller)
    return caller
  }

  async function verify(token: string): Promise<JWTPayload> {
    try {
      if (secret && isSharedSecretToken(token))
        return (await jwtVerify(token, secret, { ...expected, algorithms: ['HS256'] })).payload
      const keyOf: JWTVerifyGetKey = (header, input) => {
        if (!header.kid) throw new errors.JWSInvalid('the token names no key')
        return keys(header, input)
      }
      return (await jwtVerify(token, keyOf, { ...expected, algorithms })).payload
    } catch (error) {
      throw isTokenFault(error) ? unauthorized(error) : keysOutOfReach(error)
    }
  }
}

function toCaller(payload: JWTPayload, allowAnonymous: boolean): Caller {
  const parsed = claims.safeParse(payload)
  if (!parsed.success) throw unauthorized(parsed.error)
  const { sub, session_id, email, exp, is_anonymous } = parsed.data
  if (is_anonymous && !allowAnonymous)
    throw new DomainError('UNAUTHORIZED', 'Anonymous users cannot use this; sign up first.')
  return { userId: sub, sessionId: session_id, email, expiresAt: exp }
}

function isSharedSecretToken(token: string): boolean {
  const header = Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString()
  return header.includes('"HS256"')
}

// A key that the key set does not hold is the token's fault; everything else that is not about the token is an outage.
function isTokenFault(error: unknown): boolean {
  return (
    error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout) &&
    !(error instanceof errors.JWKSInvalid) &&
    error.code !== 'ERR_JOSE_GENERIC'
  )
}

function unauthorized(cause: unknown): DomainError {
  return new DomainError('UNAUTHORIZED', 'The access token is not valid or has expired; sign in again.', { cause })
}

function keysOutOfReach(cause: unknown): DomainError {
  return new DomainError('UNAVAILABLE', 'Sign-in cannot be checked at the moment; try again shortly.', { cause })
}
