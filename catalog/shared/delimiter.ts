import { type Delimiter, delimiters, scanRecords } from './delimited-text.ts'

const examinedRecords = 50
const separatorLine = /^"?sep=([,;|\t])"?[ \t]*(?:\n|$)/i

export interface DetectedDelimiter {
  delimiter: Delimiter
  /** Line breaks before the data begins: 1 after a line such as `sep=;`, as spreadsheets write it. */
  skippedLines: number
}

/** The character that cuts the first records into the same number of cells most often; of equals, the one with more cells. */
export function detectDelimiter(text: string): DetectedDelimiter {
  const declared = separatorLine.exec(text)?.[1]
  const named = delimiters.find((candidate) => candidate === declared)
  if (named !== undefined) return { delimiter: named, skippedLines: 1 }
  let best: { delimiter: Delimiter; score: number } = { delimiter: ',', score: 0 }
  for (const delimiter of delimiters) {
    const score = scoreOf(text, delimiter)
    if (score > best.score) best = { delimiter, score }
  }
  return { delimiter: best.delimiter, skippedLines: 0 }
}

/** Share of records with the commonest width over one cell, and the width itself as a tie-break. */
function scoreOf(text: string, delimiter: Delimiter): number {
  const widths = new Map<number, number>()
  let records = 0
  scanRecords(text, delimiter, {
    record: (cells) => {
      widths.set(cells.length, (widths.get(cells.length) ?? 0) + 1)
      records += 1
      return records < examinedRecords
    },
  })
  let best = 0
  for (const [width, count] of widths) {
    if (width > 1) best = Math.max(best, count / records + Math.min(width, 500) / 10_000)
  }
  return best
}
