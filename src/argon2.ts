import { type Argon2Algorithm, argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/** What one hash costs to make, and so to guess. */
export interface Argon2Cost {
  memoryKiB: number
  passes: number
  parallelism: number
}

export interface Argon2Hash {
  algorithm: Argon2Algorithm
  cost: Argon2Cost
  salt: Buffer
  digest: Buffer
}

const derive = promisify(argon2)
const pattern = /^\$(argon2id|argon2i)\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([\w+/-]{11,86})\$([\w+/-]{22,86})$/

/** argon2id (RFC 9106) in its PHC form, with a salt of its own; computed off the event loop. */
export async function hashWithArgon2(password: string, cost: Argon2Cost): Promise<string> {
  const salt = randomBytes(16)
  const digest = await derive('argon2id', parameters(password, cost, salt, 32))
  const { memoryKiB, passes, parallelism } = cost
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(digest)}`
}

export async function matchesArgon2(password: string, known: Argon2Hash): Promise<boolean> {
  const digest = await derive(known.algorithm, parameters(password, known.cost, known.salt, known.digest.length))
  return timingSafeEqual(digest, known.digest)
}

/** A hash that no password is known for: comparing with it costs what comparing with a real one does. */
export function argon2Decoy(cost: Argon2Cost): Argon2Hash {
  return { algorithm: 'argon2id', cost, salt: randomBytes(16), digest: randomBytes(32) }
}

/** Undefined for what is no argon2id or argon2i hash of version 19, or would take too long to compare with. */
export function parseArgon2(hash: string): Argon2Hash | undefined {
  const [, algorithm, memory, passes, parallelism, salt, digest] = pattern.exec(hash) ?? []
  if ((algorithm !== 'argon2id' && algorithm !== 'argon2i') || !salt || !digest) return undefined
  const cost = { memoryKiB: Number(memory), passes: Number(passes), parallelism: Number(parallelism) }
  if (cost.memoryKiB > 1_048_576 || cost.memoryKiB < 8 * cost.parallelism) return undefined
  if (cost.passes < 1 || cost.passes > 20 || cost.parallelism < 1 || cost.parallelism > 16) return undefined
  return { algorithm, cost, salt: Buffer.from(salt, 'base64'), digest: Buffer.from(digest, 'base64') }
}

function parameters(password: string, cost: Argon2Cost, salt: Buffer, tagLength: number) {
  const { memoryKiB: memory, passes, parallelism } = cost
  return { message: password, nonce: salt, memory, passes, parallelism, tagLength }
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
