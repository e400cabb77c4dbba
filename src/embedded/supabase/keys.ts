import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { exportJWK, generateKeyPair, type JWK } from 'jose'

/** Everything that signs or opens something at the embedded Supabase; the caller keeps it, nothing else does. */
export interface SupabaseKeys {
  /** Private JWKs, ES256 or RS256, each with `kid`; the one whose `key_ops` has `sign` signs, the others only verify. */
  signingKeys: JWK[]
  /** `sb_publishable_…`: stands for the role anon. */
  publishableKey: string
  /** `sb_secret_…`: stands for the role service_role. */
  secretKey: string
  /** Shared secret of tokens without `kid`, among them the legacy anon and service_role keys; absent: none are accepted. */
  legacyJwtSecret?: string
}

export async function createSupabaseKeys(): Promise<SupabaseKeys> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const kid = crypto.randomUUID()
  return {
    signingKeys: [{ ...(await exportJWK(privateKey)), kid, alg: 'ES256', use: 'sig', key_ops: ['sign', 'verify'] }],
    publishableKey: `sb_publishable_${randomBytes(24).toString('base64url')}`,
    secretKey: `sb_secret_${randomBytes(24).toString('base64url')}`,
    legacyJwtSecret: randomBytes(32).toString('base64url'),
  }
}

/** The API keys of older projects: tokens for a role, good for ten years, signed with the legacy secret. */
export function createLegacyKey(legacyJwtSecret: string, role: 'anon' | 'service_role', now = Date.now()): string {
  const issuedAt = Math.floor(now / 1000)
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const payload = { iss: 'supabase', ref: 'embedded', role, iat: issuedAt, exp: issuedAt + 10 * 365 * 86_400 }
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(payload)}`
  return `${content}.${createHmac('sha256', legacyJwtSecret).update(content).digest('base64url')}`
}

/** Compares without telling by its duration how much was right. */
export function isSameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}
