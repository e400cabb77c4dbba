import type { JWTPayload } from 'jose'

const mostTokens = 10_000

/** Tokens that were found genuine, until they expire: checking a signature costs more than most requests. */
export class KnownTokens {
  readonly #claims = new Map<string, JWTPayload>()

  find(token: string, now: number): JWTPayload | undefined {
    const claims = this.#claims.get(token)
    if (claims?.exp === undefined || claims.exp * 1000 > now) return claims
    this.#claims.delete(token)
    return undefined
  }

  keep(token: string, claims: JWTPayload): void {
    // What is good only from some time on, or for ever, is looked at each time.
    if (claims.exp === undefined || claims.nbf !== undefined) return
    const [oldest] = this.#claims.keys()
    if (this.#claims.size >= mostTokens && oldest !== undefined) this.#claims.delete(oldest)
    this.#claims.set(token, Object.freeze(claims))
  }
}
