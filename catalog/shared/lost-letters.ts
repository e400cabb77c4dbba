import type { WarningList } from './warnings.ts'
import { counted } from './wording.ts'

/** What a reader of UTF-8 puts in the place of bytes that are none. */
const lost = '\uFFFD'

/** Notes the lines of a text that was not saved as UTF-8, where letters beyond the plain alphabet are lost. */
export function noteLostLetters(text: string, warnings: WarningList): void {
  if (!text.includes(lost)) return
  const kind = warnings.kind('lost_letters', [], sentence)
  for (const [index, line] of text.split('\n').entries()) if (line.includes(lost)) kind.at(index + 1)
}

function sentence(count: number): string {
  const lines = counted(count, 'line has', 'lines have')
  return `${lines} letters that could not be read, shown as ${lost}: the file is not in UTF-8. Save it as "CSV UTF-8" and run again.`
}
