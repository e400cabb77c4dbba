import { type Argon2Algorithm, argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import bcrypt from 'bcryptjs'
import type { AuthSettings } from './settings.ts'

type Cost = AuthSettings['argon2']

export interface PasswordHasher {
  hash(password: string): Promise<string>
  /** Costs the same whether or not there is a hash to compare with. */
  verify(password: string, hash: string | null | undefined): Promise<boolean>
  /** Whether the hash is cheaper to guess than new ones are. */
  isOutdated(hash: string): boolean
}

interface Parsed {
  algorithm: Argon2Algorithm
  cost: Cost
  salt: Buffer
  digest: Buffer
}

const derive = promisify(argon2)
const pattern = /^\$(argon2id|argon2i)\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([\w+/-]{11,86})\$([\w+/-]{22,86})$/

export function createPasswordHasher(cost: Cost): PasswordHasher {
  const decoy: Parsed = { algorithm: 'argon2id', cost, salt: randomBytes(16), digest: randomBytes(32) }
  return {
    hash: (password) => hashPassword(password, cost),
    verify: async (password, hash) => {
      if (hash && isBcrypt(hash)) return bcrypt.compare(password, hash)
      const known = hash ? parseHash(hash) : undefined
      const isSame = await matches(password, known ?? decoy)
      return known !== undefined && isSame
    },
    isOutdated: (hash) => {
      const known = parseHash(hash)
      return known?.algorithm !== 'argon2id' || work(known.cost) < work(cost)
    },
  }
}

/** Whether a hash made elsewhere can be taken over: bcrypt, or argon2id or argon2i version 19, within bounds. */
export function isSupportedHash(hash: string): boolean {
  return isBcrypt(hash) || parseHash(hash) !== undefined
}

// Above cost 14 one sign-in would take seconds.
function isBcrypt(hash: string): boolean {
  return /^\$2[aby]\$(0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}$/.test(hash)
}

async function hashPassword(password: string, cost: Cost): Promise<string> {
  const salt = randomBytes(16)
  const digest = await derive('argon2id', parameters(password, cost, salt, 32))
  const { memoryKiB, passes, parallelism } = cost
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(digest)}`
}

async function matches(password: string, known: Parsed): Promise<boolean> {
  const digest = await derive(known.algorithm, parameters(password, known.cost, known.salt, known.digest.length))
  return timingSafeEqual(digest, known.digest)
}

function parameters(password: string, cost: Cost, salt: Buffer, tagLength: number) {
  const { memoryKiB: memory, passes, parallelism } = cost
  return { message: password, nonce: salt, memory, passes, parallelism, tagLength }
}

function parseHash(hash: string): Parsed | undefined {
  const [, algorithm, memory, passes, parallelism, salt, digest] = pattern.exec(hash) ?? []
  if ((algorithm !== 'argon2id' && algorithm !== 'argon2i') || !salt || !digest) return undefined
  const cost = { memoryKiB: Number(memory), passes: Number(passes), parallelism: Number(parallelism) }
  if (cost.memoryKiB > 1_048_576 || cost.memoryKiB < 8 * cost.parallelism) return undefined
  if (cost.passes < 1 || cost.passes > 20 || cost.parallelism < 1 || cost.parallelism > 16) return undefined
  return { algorithm, cost, salt: Buffer.from(salt, 'base64'), digest: Buffer.from(digest, 'base64') }
}

function work(cost: Cost): number {
  return cost.memoryKiB * cost.passes
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
