/** Frequent short words that hardly occur in the other three languages. */
const frequent: Record<string, string> = {
  English: 'the is are my our your and with please not cannot have has was been from this that can you for to of',
  German: 'der die das ich wir und nicht mit bitte ist sind mein unser ein eine einen den dem auf zum seit kann wurde',
  French: 'le les des je nous et pas avec merci est sont mon notre une un du au ne pour dans depuis ma vous',
  Spanish: 'el los las yo y no con por favor es son mi nuestro una del al para en desde puedo se su lleva',
}
const languageOf = new Map<string, string[]>()
for (const [language, words] of Object.entries(frequent)) {
  for (const word of words.split(' ')) languageOf.set(word, [...(languageOf.get(word) ?? []), language])
}

/** The language most of whose frequent words occur, or `unclear`. */
export function languageOfWords(words: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const word of words) {
    for (const language of languageOf.get(word) ?? []) counts.set(language, (counts.get(language) ?? 0) + 1)
  }
  const [best, second] = [...counts].sort((a, b) => b[1] - a[1])
  return best && best[1] > (second?.[1] ?? 0) ? best[0] : 'unclear'
}
