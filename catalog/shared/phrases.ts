import { foldText, wordsOf } from './words.ts'

/** Words that belong together and what they stand for; a word ending in `*` also matches longer words. */
export type Phrase<Meaning> = { text: string; meaning: Meaning }

export type PhraseHit<Meaning> = { text: string; meaning: Meaning; at: number }

type Word = { stem: string; open: boolean }
type Entry<Meaning> = Phrase<Meaning> & { words: Word[] }

const keyLength = 3

function parseWord(raw: string): Word[] {
  const open = raw.endsWith('*')
  const parts = wordsOf(raw)
  return parts.map((stem, i) => ({ stem, open: open && i === parts.length - 1 && stem.length >= keyLength }))
}

function fits(word: Word, token: string | undefined): boolean {
  if (token === undefined) return false
  return word.open ? token.startsWith(word.stem) : token === word.stem
}

function isAt<Meaning>(entry: Entry<Meaning>, tokens: readonly string[], at: number): boolean {
  return entry.words.every((word, i) => fits(word, tokens[at + i]))
}

function longestFirst<Meaning>(a: Entry<Meaning>, b: Entry<Meaning>): number {
  return b.words.length - a.words.length || b.text.length - a.text.length
}

/** Phrases by their first letters: a long list costs no more per word of text than a short one. */
export class PhraseList<Meaning> {
  private readonly byStart = new Map<string, Entry<Meaning>[]>()

  constructor(phrases: readonly Phrase<Meaning>[]) {
    for (const phrase of phrases) this.add(phrase)
    for (const entries of this.byStart.values()) entries.sort(longestFirst)
  }

  private add(phrase: Phrase<Meaning>): void {
    const words = foldText(phrase.text)
      .split(/\s+/)
      .flatMap((raw) => parseWord(raw))
    const first = words[0]
    if (!first) return
    const key = first.stem.slice(0, keyLength)
    const entries = this.byStart.get(key)
    if (entries) entries.push({ ...phrase, words })
    else this.byStart.set(key, [{ ...phrase, words }])
  }

  /** Every phrase in the words, each word used once and the longest phrase first: `not urgent` hides `urgent`. */
  find(tokens: readonly string[]): PhraseHit<Meaning>[] {
    const hits: PhraseHit<Meaning>[] = []
    for (let at = 0; at < tokens.length; ) {
      const entry = this.startingAt(tokens, at)
      if (entry) hits.push({ text: entry.text, meaning: entry.meaning, at })
      at += entry ? entry.words.length : 1
    }
    return hits
  }

  /** Every phrase in the words, overlapping or not. */
  findAll(tokens: readonly string[]): PhraseHit<Meaning>[] {
    return tokens.flatMap((token, at) =>
      (this.byStart.get(token.slice(0, keyLength)) ?? [])
        .filter((entry) => isAt(entry, tokens, at))
        .map(({ text, meaning }) => ({ text, meaning, at })),
    )
  }

  private startingAt(tokens: readonly string[], at: number): Entry<Meaning> | undefined {
    const candidates = this.byStart.get((tokens[at] ?? '').slice(0, keyLength))
    return candidates?.find((entry) => isAt(entry, tokens, at))
  }
}
