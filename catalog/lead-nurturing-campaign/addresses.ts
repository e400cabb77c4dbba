const wellFormed = /^[^\s@"(),:;<>[\]\\]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+\p{L}{2,63}$/u
const inBrackets = /<([^<>]*)>\s*$/

/** The bare address of `Sample Name <a@example.com>` or `mailto:a@example.com`, in lower case. */
export function bareAddress(text: string): string {
  const inner = inBrackets.exec(text)?.[1] ?? text
  return inner
    .trim()
    .replace(/^mailto:/i, '')
    .toLowerCase()
}

/** Whether a bare address can be written to, as far as its form shows. */
export function isWellFormed(address: string): boolean {
  const local = address.slice(0, address.indexOf('@'))
  const hasBadDots = local.startsWith('.') || local.endsWith('.') || address.includes('..')
  return address.length <= 254 && !hasBadDots && wellFormed.test(address)
}
