import { errors, importJWK, type JWK, type JWTHeaderParameters, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import type { SupabaseKeys } from './keys.ts'
import { KnownTokens } from './known-tokens.ts'

type Key = CryptoKey | Uint8Array

/** Signs with one key, verifies with all. */
export interface KeyRing {
  sign(claims: JWTPayload): Promise<string>
  /** The claims of a token that is genuine and not expired at `now`; throws an Error saying why it is not, with jose's as its cause. */
  verify(token: string, now: number): Promise<JWTPayload>
  /** The public halves. */
  readonly jwks: { keys: JWK[] }
}

const publicMembers = ['kty', 'crv', 'x', 'y', 'n', 'e', 'alg', 'kid']

export async function loadKeyRing(keys: SupabaseKeys): Promise<KeyRing> {
  const jwks = { keys: keys.signingKeys.map(publicHalf) }
  const verifiers = new Map<string, { alg: string; key: Key }>()
  for (const jwk of jwks.keys) {
    verifiers.set(jwk.kid ?? '', { alg: jwk.alg ?? '', key: await importJWK({ ...jwk, key_ops: ['verify'] }) })
  }
  const shared = keys.legacyJwtSecret ? new TextEncoder().encode(keys.legacyJwtSecret) : undefined
  const signer = await signingKey(keys, shared)
  const known = new KnownTokens()
  const keyFor = (header: JWTHeaderParameters): Key => {
    if (header.kid === undefined && header.alg === 'HS256' && shared) return shared
    const found = verifiers.get(header.kid ?? '')
    if (!found || found.alg !== header.alg) throw new Error('unrecognized JWT kid or signing method')
    return found.key
  }
  return {
    jwks,
    sign: (claims) => new SignJWT(claims).setProtectedHeader(signer.header).sign(signer.key),
    verify: async (token, now) => {
      const remembered = known.find(token, now)
      if (remembered) return remembered
      const claims = await verify(token, now, keyFor)
      known.keep(token, claims)
      return claims
    },
  }
}

async function verify(token: string, now: number, keyFor: (header: JWTHeaderParameters) => Key): Promise<JWTPayload> {
  try {
    const options = { algorithms: ['ES256', 'RS256', 'HS256'], currentDate: new Date(now), requiredClaims: ['exp'] }
    return (await jwtVerify(token, keyFor, options)).payload
  } catch (error) {
    throw new Error(reasonOf(error), { cause: error })
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'token has invalid claims: token is expired'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'token signature is invalid'
  return error instanceof errors.JOSEError ? 'token is malformed' : messageOf(error)
}

async function signingKey(keys: SupabaseKeys, shared: Uint8Array | undefined) {
  const jwk = keys.signingKeys.find((key) => key.key_ops?.includes('sign'))
  if (jwk?.alg && jwk.kid) {
    const key = await importJWK({ ...jwk, key_ops: ['sign'] })
    return { key, header: { alg: jwk.alg, kid: jwk.kid, typ: 'JWT' } }
  }
  if (!shared) throw new Error('Supabase needs a signing key: a JWK with kid, alg and the key operation "sign".')
  return { key: shared, header: { alg: 'HS256', typ: 'JWT' } }
}

function publicHalf(jwk: JWK): JWK {
  if (!jwk.kid || !['ES256', 'RS256'].includes(jwk.alg ?? '')) {
    throw new Error(`The signing key "${jwk.kid ?? ''}" needs a kid and ES256 or RS256 as its alg.`)
  }
  const members = Object.entries(jwk).filter(([name]) => publicMembers.includes(name))
  return { kty: jwk.kty ?? '', ...Object.fromEntries(members), use: 'sig', key_ops: ['verify'] }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
