import bcrypt from 'bcryptjs'
import { argon2Decoy, hashWithArgon2, matchesArgon2, parseArgon2 } from '../../../argon2.ts'
import type { AuthSettings } from './settings.ts'

type Cost = AuthSettings['argon2']

export interface PasswordHasher {
  hash(password: string): Promise<string>
  /** Costs the same whether or not there is a hash to compare with. */
  verify(password: string, hash: string | null | undefined): Promise<boolean>
  /** Whether the hash is cheaper to guess than new ones are. */
  isOutdated(hash: string): boolean
}

export function createPasswordHasher(cost: Cost): PasswordHasher {
  const decoy = argon2Decoy(cost)
  return {
    hash: (password) => hashWithArgon2(password, cost),
    verify: async (password, hash) => {
      if (hash && isBcrypt(hash)) return bcrypt.compare(password, hash)
      const known = hash ? parseArgon2(hash) : undefined
      const isSame = await matchesArgon2(password, known ?? decoy)
      return known !== undefined && isSame
    },
    isOutdated: (hash) => {
      const known = parseArgon2(hash)
      return known?.algorithm !== 'argon2id' || work(known.cost) < work(cost)
    },
  }
}

/** Whether a hash made elsewhere can be taken over: bcrypt, or argon2id or argon2i version 19, within bounds. */
export function isSupportedHash(hash: string): boolean {
  return isBcrypt(hash) || parseArgon2(hash) !== undefined
}

// Above cost 14 one sign-in would take seconds.
function isBcrypt(hash: string): boolean {
  return /^\$2[aby]\$(0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}$/.test(hash)
}

function work(cost: Cost): number {
  return cost.memoryKiB * cost.passes
}
