import { createHmac, generateKeyPairSync } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, importJWK, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose'
import { inject } from 'vitest'

type Changes = Record<string, unknown>

/** Takes a genuine token apart and signs it anew with Auth's own key, with some claims changed; undefined takes one away. */
export async function resigned(token: string, claims: Changes, header: Changes = {}): Promise<string> {
  const [jwk] = inject('template').supabaseKeys.signingKeys
  if (!jwk) throw new Error('the template has no signing key')
  return signedWith(await importJWK({ ...jwk, key_ops: ['sign'] }), token, claims, header)
}

/** The same content under a key of the forger's own, which still names Auth's key. */
export function signedByStranger(token: string): Promise<string> {
  return signedWith(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, token, {}, {})
}

type Key = Parameters<SignJWT['sign']>[0]

function signedWith(key: Key, token: string, claims: Changes, changes: Changes): Promise<string> {
  const payload: JWTPayload = { ...decodeJwt(token), ...claims }
  const header = { ...decodeProtectedHeader(token), alg: 'ES256', ...changes } satisfies JWTHeaderParameters
  return new SignJWT(payload).setProtectedHeader(header).sign(key)
}

/** Nobody signed it, and it says so. */
export function unsigned(token: string, alg: string): string {
  return `${part({ alg, typ: 'JWT' })}.${part(decodeJwt(token))}.`
}

/** Signed by HMAC with something that everybody may know, such as the published key. */
export function signedByHmac(token: string, secret: string, claims: Changes = {}): string {
  const { kid } = decodeProtectedHeader(token)
  const content = `${part({ alg: 'HS256', typ: 'JWT', kid })}.${part({ ...decodeJwt(token), ...claims })}`
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`
}

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
