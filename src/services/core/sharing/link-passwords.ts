import { argon2Decoy, hashWithArgon2, matchesArgon2, parseArgon2 } from '../../../argon2.ts'
import { DomainError } from '../../../errors.ts'
import { Turns } from '../../../turns.ts'

// OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, 2 passes.
const cost = { memoryKiB: 19_456, passes: 2, parallelism: 1 }
const decoy = argon2Decoy(cost)
// A hash takes a core and 19 MiB for tens of milliseconds, and strangers can ask for it.
const turns = new Turns({ atOnce: 2, mostWaiting: 200 })

/** One of few pieces of work with passwords at a time. @throws {DomainError} UNAVAILABLE when too many wait. */
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  return turns.take(work, () => {
    throw new DomainError('UNAVAILABLE', 'Too many people open links with a password at the moment; try again shortly.')
  })
}

export function hashPassword(password: string): Promise<string> {
  return inTurn(() => hashWithArgon2(password, cost))
}

/** Costs the same whether or not there is a hash to compare with. */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const known = hash === undefined ? undefined : parseArgon2(hash)
  const isSame = await matchesArgon2(password, known ?? decoy)
  return known !== undefined && isSame
}
