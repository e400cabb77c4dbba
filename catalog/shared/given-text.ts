import type { StepInput } from './step-input.ts'

const answered = 200
const advice = 'Save it as "CSV UTF-8" and choose it again.'

/** The table that a run is about: the text of the file that was chosen, or else what was pasted. @throws when there is none */
export function givenText({ data, fileStatus, fileText }: StepInput): string {
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
