const plainAscii = /^[\x20-\x7e\s]*$/
const otherAscii = /[^a-z0-9]+/
const otherAny = /[^\p{L}\p{N}]+/u

/** Lower case without accents, so that `Équipe`, `équipe` and `EQUIPE` compare as equal. */
export function plainText(text: string): string {
  const lower = text.toLowerCase()
  if (plainAscii.test(lower)) return lower
  return lower.replaceAll('ß', 'ss').normalize('NFD').replace(/\p{M}/gu, '')
}

/** The words and numbers of a text in plain form, in their order. */
export function wordsOf(text: string): string[] {
  const plain = plainText(text)
  const words = plain.split(plainAscii.test(plain) ? otherAscii : otherAny)
  return words.filter((word) => word !== '')
}
