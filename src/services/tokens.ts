import { createHash, randomBytes } from 'node:crypto'

/** 256 random bits, as they stand in a link or a header; whoever has them is let in. */
export function newToken(): string {
  return randomBytes(32).toString('base64url')
}

/** What is kept of a token: SHA-256 in lower-case hexadecimal. Of so many random bits nothing slower is needed. */
export function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
