const plainAscii = /^[\x20-\x7e\s]*$/
const asciiWord = /[a-z0-9]+/g
const anyWord = /[\p{L}\p{N}]+/gu

/** Lower case without accents, so that `Équipe`, `équipe` and `EQUIPE` compare as equal. */
export function foldText(text: string): string {
  const lower = text.toLowerCase()
  if (plainAscii.test(lower)) return lower
  return lower.replaceAll('ß', 'ss').normalize('NFD').replace(/\p{M}/gu, '')
}

function wordIn(plain: string): RegExp {
  return plainAscii.test(plain) ? asciiWord : anyWord
}

/** The words and numbers of a text in plain form, in their order. */
export function wordsOf(text: string): string[] {
  const plain = foldText(text)
  return plain.match(wordIn(plain)) ?? []
}

const sentenceEnd = /[.!?;:…]+(?:\s|$)|\n+/

/** The words with an empty one at the end of each sentence, so that no phrase reaches from one into the next. */
export function sentenceWords(text: string): string[] {
  const plain = foldText(text)
  const word = wordIn(plain)
  return plain.split(sentenceEnd).flatMap((sentence) => [...(sentence.match(word) ?? []), ''])
}
