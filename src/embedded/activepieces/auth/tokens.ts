import { randomBytes } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import type { Settings } from '../settings.ts'
import { getSecret } from '../store/accounts.ts'
import type { Database } from '../store/database.ts'

const issuer = 'activepieces'
const lifeSeconds = 7 * 24 * 3600
const rememberedTokens = 1000

const sessionClaims = z.object({
  id: z.string(),
  type: z.enum(['USER', 'ONBOARDING']),
  platform: z.object({ id: z.string() }).optional(),
  tokenVersion: z.string(),
  exp: z.number(),
})
const fileClaims = z.object({ fileId: z.string() })

export type SessionClaims = z.output<typeof sessionClaims>

/** Signs and verifies HS256 tokens with a secret that is made once per installation. */
export class Tokens {
  readonly #settings: Settings
  readonly #secret: Uint8Array
  readonly #verified = new Map<string, SessionClaims>()

  constructor(settings: Settings, database: Database) {
    this.#settings = settings
    this.#secret = Buffer.from(getSecret(database, 'jwt', () => randomBytes(32).toString('hex')))
  }

  signSession(claims: Omit<SessionClaims, 'exp'>): Promise<string> {
    return this.#sign({ ...claims }, lifeSeconds)
  }

  signFile(fileId: string, lifeMs: number): Promise<string> {
    return this.#sign({ fileId }, Math.floor(lifeMs / 1000))
  }

  /** The claims of a valid session token, or undefined. */
  async verifySession(token: string): Promise<SessionClaims | undefined> {
    const known = this.#verified.get(token)
    if (known !== undefined && known.exp * 1000 > this.#settings.now()) return known
    const claims = sessionClaims.safeParse(await this.#verify(token))
    if (!claims.success) return undefined
    if (this.#verified.size >= rememberedTokens) this.#verified.clear()
    this.#verified.set(token, claims.data)
    return claims.data
  }

  async verifyFile(token: string): Promise<string | undefined> {
    const claims = fileClaims.safeParse(await this.#verify(token))
    return claims.success ? claims.data.fileId : undefined
  }

  #sign(claims: Record<string, unknown>, seconds: number): Promise<string> {
    const issued = Math.floor(this.#settings.now() / 1000)
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: '1' })
      .setIssuer(issuer)
      .setIssuedAt(issued)
      .setExpirationTime(issued + seconds)
      .sign(this.#secret)
  }

  async #verify(token: string): Promise<unknown> {
    try {
      const currentDate = new Date(this.#settings.now())
      const { payload } = await jwtVerify(token, this.#secret, { algorithms: ['HS256'], issuer, currentDate })
      return payload
    } catch {
      return undefined
    }
  }
}
