import type { Warning } from '../../src/contracts/envelope.ts'

const shownLines = 5

/** One kind of trouble; call `at` for each row that has it. */
export interface WarningKind {
  /** `line` is the line number in the file as an editor shows it. */
  at: (line: number) => void
}

export interface WarningList {
  /** `sentence` gets the number of rows concerned once all are known. */
  kind: (code: string, columns: string[], sentence: (count: number) => string) => WarningKind
  /** Something about the whole file. `count` says how many values or rows it concerns. */
  note: (code: string, message: string, columns?: string[], count?: number) => void
  toList: () => Warning[]
}

/** Collects what could not be read or had to be assumed: how many rows, which columns, the first few line numbers. */
export function collectWarnings(): WarningList {
  const pending: { warning: Warning; sentence: (count: number) => string }[] = []
  const add = (warning: Warning, sentence: (count: number) => string) => pending.push({ warning, sentence })
  return {
    kind: (code, columns, sentence) => {
      const warning: Warning = { code, message: '', count: 0, columns, lines: [] }
      add(warning, sentence)
      return {
        at: (line) => {
          warning.count += 1
          if (warning.lines.length < shownLines) warning.lines.push(line)
        },
      }
    },
    note: (code, message, columns = [], count = 1) => {
      add({ code, message, count, columns, lines: [] }, () => message)
    },
    toList: () =>
      pending
        .filter(({ warning }) => warning.count > 0)
        .map(({ warning, sentence }) => ({ ...warning, message: sentence(warning.count) })),
  }
}
