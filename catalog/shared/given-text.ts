import type { StepInput } from './step-input.ts'
import type { WarningList } from './warnings.ts'

const answered = 200
const whenWrong = 'Where letters are not as they should be, save it as "CSV UTF-8" and run again.'
const advice = 'Save it as "CSV UTF-8" and choose it again.'

/** The table that a run is about: the text of the file that was chosen, or else what was pasted; notes one that was converted. @throws when there is none */
export function givenText({ data, fileStatus, fileText, fileConvertedFrom }: StepInput, warnings: WarningList): string {
  if (typeof fileConvertedFrom === 'string' && fileConvertedFrom !== '')
    warnings.note('not_utf8', `The file is not in UTF-8 and was read as ${fileConvertedFrom}. ${whenWrong}`)
  if (fileStatus !== undefined && fileStatus !== '') return textOfFile(Number(fileStatus), fileText)
  if (typeof data === 'string' && data.trim() !== '') return data
  throw new Error('The data is empty: paste the text into "data", or choose a CSV file in "file".')
}

function textOfFile(status: number, content: unknown): string {
  if (status !== answered) throw new Error(`The file could not be read: its link answered ${status}, not ${answered}.`)
  // What reads as JSON arrives as its value; only a single cell is a table that does.
  const text = typeof content === 'object' ? JSON.stringify(content) : String(content ?? '')
  if (text.includes('\0')) throw new Error(`The file is not text in UTF-8. ${advice}`)
  if (text.trim() === '') throw new Error('The file is empty: it needs a line of column names and at least one row.')
  return text
}
