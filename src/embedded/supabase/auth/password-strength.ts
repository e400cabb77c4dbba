import { isCommonPassword } from './common-passwords.ts'
import { AuthError, fail, type WeakPasswordReason } from './errors.ts'
import type { AuthSettings } from './settings.ts'

export interface Weakness {
  message: string
  reasons: WeakPasswordReason[]
}

const maxBytes = 72

export function findWeakness(password: string, settings: AuthSettings): Weakness | undefined {
  const { passwordMinLength: least, passwordRequiredCharacters: required } = settings
  const found: Partial<Record<WeakPasswordReason, string>> = {}
  if ([...password].length < least) found.length = `Password should be at least ${least} characters.`
  if (!required.every((set) => [...set].some((character) => password.includes(character)))) {
    found.characters = `Password should contain at least one character of each: ${required.join(', ')}.`
  }
  if (settings.refuseCommonPasswords && isCommonPassword(password)) {
    found.pwned = 'Password is known to be weak and easy to guess, please choose a different one.'
  }
  const reasons = (['length', 'characters', 'pwned'] as const).filter((reason) => found[reason])
  return reasons.length ? { message: Object.values(found).join(' '), reasons } : undefined
}

/** Throws what is wrong with a password that somebody wants to have from now on. */
export function requireGoodPassword(password: string, settings: AuthSettings): void {
  if (Buffer.byteLength(password) > maxBytes) tooLong()
  const weakness = findWeakness(password, settings)
  if (weakness) throw new AuthError(422, 'weak_password', weakness.message, weakness.reasons)
}

function tooLong(): never {
  fail(400, 'validation_failed', `Password cannot be longer than ${maxBytes} characters`)
}
