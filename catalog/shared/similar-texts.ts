/** A text that closely resembles an earlier one; `of` is the earlier one's position. */
export type Likeness = { of: number; similarity: number }

export type LikenessRule = {
  /** Shared words divided by all words of the two (Jaccard), from 0 to 1. */
  threshold: number
  /** Texts with fewer different words are not compared: they say too little. */
  fewestWords: number
  /** Whether the two positions may be likened at all, by their dates for example. */
  comparable: (earlier: number, later: number) => boolean
}

type Known = { ids: Uint32Array; latest: number; countedFor: number; sharedWords: number }

// What bounds the work for each text, however many there are and however common their words.
const comparedWords = 10
const candidatesPerWord = 20
const comparedTexts = 5

/** From `firstShared` on, a word occurs in more than one text. */
type Vocabulary = { sets: Uint32Array[]; firstShared: number }

/** Word sets as sorted numbers, the rarest word first. */
function vocabularyOf(texts: readonly (readonly string[])[]): Vocabulary {
  const frequency = new Map<string, number>()
  const sets = texts.map((words) => [...new Set(words)])
  for (const set of sets) for (const word of set) frequency.set(word, (frequency.get(word) ?? 0) + 1)
  const byRarity = [...frequency].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1))
  const ids = new Map(byRarity.map(([word], i) => [word, i]))
  const firstShared = byRarity.findIndex(([, count]) => count > 1)
  return {
    sets: sets.map((set) => Uint32Array.from(set, (word) => ids.get(word) ?? 0).sort()),
    firstShared: firstShared === -1 ? byRarity.length : firstShared,
  }
}

/** Shared members divided by all members of two sorted lists. */
export function jaccard(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let shared = 0
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const difference = (a[i] ?? 0) - (b[j] ?? 0)
    if (difference === 0) shared += 1
    if (difference <= 0) i += 1
    if (difference >= 0) j += 1
  }
  const all = a.length + b.length - shared
  return all === 0 ? 0 : shared / all
}

class KnownTexts {
  private readonly byWord = new Map<number, Known[]>()
  private readonly same = new Map<string, Known>()
  private readonly rule: LikenessRule
  private readonly firstShared: number

  constructor(rule: LikenessRule, firstShared: number) {
    this.rule = rule
    this.firstShared = firstShared
  }

  /** The most similar earlier text, then remembers this one. */
  meet(ids: Uint32Array, position: number): Likeness | null {
    const key = ids.join(' ')
    const twin = this.same.get(key)
    if (twin) return this.meetTwin(twin, position)
    const start = ids.findIndex((id) => id >= this.firstShared)
    const words = start === -1 ? [] : [...ids.subarray(start, start + comparedWords)]
    const best = this.best(ids, words, position)
    this.remember({ ids, latest: position, countedFor: -1, sharedWords: 0 }, words, key)
    return best
  }

  private meetTwin(twin: Known, position: number): Likeness | null {
    const of = twin.latest
    twin.latest = position
    return this.rule.comparable(of, position) ? { of, similarity: 1 } : null
  }

  private best(ids: Uint32Array, words: readonly number[], position: number): Likeness | null {
    const { threshold, comparable } = this.rule
    let best: Likeness | null = null
    for (const known of this.candidates(words, ids, position)) {
      if (!comparable(known.latest, position)) continue
      const similarity = jaccard(known.ids, ids)
      if (similarity >= threshold && similarity > (best?.similarity ?? 0)) best = { of: known.latest, similarity }
    }
    return best
  }

  /** The texts that share most of the rare words, of a length that makes the threshold possible. */
  private candidates(words: readonly number[], ids: Uint32Array, position: number): Known[] {
    const fewest = words.length < comparedWords / 2 ? 1 : 2
    const possible = this.sharing(words, position).filter(
      (known) => known.sharedWords >= fewest && this.isPossible(known.ids.length, ids.length),
    )
    if (possible.length <= comparedTexts) return possible
    return possible.sort((a, b) => b.sharedWords - a.sharedWords || b.latest - a.latest).slice(0, comparedTexts)
  }

  private isPossible(a: number, b: number): boolean {
    return Math.min(a, b) >= this.rule.threshold * Math.max(a, b)
  }

  /** The known texts with any of the words; counts how many of them each has. */
  private sharing(words: readonly number[], position: number): Known[] {
    const found: Known[] = []
    for (const word of words) {
      for (const known of this.byWord.get(word) ?? []) {
        if (known.countedFor !== position) {
          known.countedFor = position
          known.sharedWords = 0
          found.push(known)
        }
        known.sharedWords += 1
      }
    }
    return found
  }

  private remember(known: Known, words: readonly number[], key: string): void {
    this.same.set(key, known)
    for (const word of words) {
      const list = this.byWord.get(word) ?? []
      list.push(known)
      if (list.length > candidatesPerWord) list.shift()
      this.byWord.set(word, list)
    }
  }
}

/** For each text the earlier one it resembles most, or null; looks at the texts that share most of its rarest words. */
export function likenesses(texts: readonly (readonly string[])[], rule: LikenessRule): (Likeness | null)[] {
  const { sets, firstShared } = vocabularyOf(texts)
  const known = new KnownTexts(rule, firstShared)
  return sets.map((ids, position) => (ids.length < rule.fewestWords ? null : known.meet(ids, position)))
}
