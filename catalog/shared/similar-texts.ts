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

type Known = { ids: number[]; latest: number }

/** So that a word which half of all texts share costs no more than a rare one. */
const mostCandidatesPerWord = 40

/** Word sets as sorted numbers, the rarest word first. */
function numbered(texts: readonly (readonly string[])[]): number[][] {
  const frequency = new Map<string, number>()
  const sets = texts.map((words) => [...new Set(words)])
  for (const set of sets) for (const word of set) frequency.set(word, (frequency.get(word) ?? 0) + 1)
  const byRarity = [...frequency].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1))
  const ids = new Map(byRarity.map(([word], i) => [word, i]))
  return sets.map((set) => set.map((word) => ids.get(word) ?? 0).sort((a, b) => a - b))
}

/** Shared members divided by all members of two sorted lists. */
export function jaccard(a: readonly number[], b: readonly number[]): number {
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

/** Two sets this alike must share one of these, their rarest words. */
function rarest(ids: readonly number[], threshold: number): number[] {
  return ids.slice(0, ids.length - Math.ceil(threshold * ids.length) + 1)
}

class KnownTexts {
  private readonly byWord = new Map<number, Known[]>()
  private readonly same = new Map<string, Known>()
  private readonly rule: LikenessRule

  constructor(rule: LikenessRule) {
    this.rule = rule
  }

  /** The most similar earlier text, then remembers this one. */
  meet(ids: number[], position: number): Likeness | null {
    const key = ids.join(' ')
    const twin = this.same.get(key)
    if (twin) return this.meetTwin(twin, position)
    const best = this.best(ids, position)
    this.remember({ ids, latest: position }, key)
    return best
  }

  private meetTwin(twin: Known, position: number): Likeness | null {
    const of = twin.latest
    twin.latest = position
    return this.rule.comparable(of, position) ? { of, similarity: 1 } : null
  }

  private best(ids: number[], position: number): Likeness | null {
    let best: Likeness | null = null
    for (const known of this.candidates(ids)) {
      if (!this.rule.comparable(known.latest, position)) continue
      const similarity = jaccard(known.ids, ids)
      if (similarity >= this.rule.threshold && similarity > (best?.similarity ?? 0)) {
        best = { of: known.latest, similarity }
      }
    }
    return best
  }

  private candidates(ids: number[]): Set<Known> {
    const { threshold } = this.rule
    const found = new Set<Known>()
    for (const id of rarest(ids, threshold)) {
      for (const known of (this.byWord.get(id) ?? []).slice(-mostCandidatesPerWord)) {
        const [small, large] = [known.ids.length, ids.length].sort((a, b) => a - b)
        if ((small ?? 0) >= threshold * (large ?? 0)) found.add(known)
      }
    }
    return found
  }

  private remember(known: Known, key: string): void {
    this.same.set(key, known)
    for (const id of rarest(known.ids, this.rule.threshold)) {
      const list = this.byWord.get(id)
      if (list) list.push(known)
      else this.byWord.set(id, [known])
    }
  }
}

/** For each text the earlier one it resembles most, or null; compares only texts that share one of their rarest words. */
export function likenesses(texts: readonly (readonly string[])[], rule: LikenessRule): (Likeness | null)[] {
  const known = new KnownTexts(rule)
  return numbered(texts).map((ids, position) => (ids.length < rule.fewestWords ? null : known.meet(ids, position)))
}
