/** Letters and digits only, in lower case and without accents: `GTX Pro`, `GTXPro` and `gtx-pro` are one key. */
export function matchingKey(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '')
}

/** Trimmed, with every run of white space as one blank. */
export function tidyText(text: string): string {
  return text.trim().replace(/\s+/g, ' ')
}

export interface MergedSpellings {
  /** The spelling to use for each one seen. */
  canonical: Map<string, string>
  /** What was merged: the spelling kept and the others. */
  merged: { kept: string; others: string[] }[]
}

/** Merges spellings that differ only in case, blanks, accents or punctuation; the most frequent one is kept. */
export function mergeSpellings(counts: Map<string, number>): MergedSpellings {
  const groups = new Map<string, string[]>()
  for (const spelling of counts.keys()) {
    const key = matchingKey(spelling) || spelling
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [spelling])
    else group.push(spelling)
  }
  const result: MergedSpellings = { canonical: new Map(), merged: [] }
  for (const group of groups.values()) {
    group.sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || b.length - a.length || (a < b ? -1 : 1))
    const [kept = '', ...others] = group
    for (const spelling of group) result.canonical.set(spelling, kept)
    if (others.length > 0) result.merged.push({ kept, others })
  }
  return result
}
