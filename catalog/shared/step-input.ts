/** What a step gets: references that lead nowhere arrive as empty text. */
export type StepInput = Record<string, unknown>

export function optionalText(input: StepInput, name: string): string | undefined {
  const value = input[name]
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

/** A whole number between two bounds, or the fallback when none is given. @throws naming the bounds */
export function integerOr<Fallback>(
  input: StepInput,
  name: string,
  { fallback, min, max }: { fallback: Fallback; min: number; max: number },
): number | Fallback {
  const value = input[name]
  if (value === undefined || value === null || value === '') return fallback
  const number = Number(value)
  if (Number.isInteger(number) && number >= min && number <= max) return number
  throw new Error(`The input "${name}" must be a whole number from ${min} to ${max}.`)
}

/** One of some words, or the first of them when none is given. @throws naming the words */
export function choiceOf<Choice extends string>(
  input: StepInput,
  name: string,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const value = input[name]
  if (value === undefined || value === null || value === '') return choices[0]
  const chosen = choices.find((choice) => choice === value)
  if (chosen === undefined) throw new Error(`The input "${name}" must be one of ${choices.join(', ')}.`)
  return chosen
}

/** An object of texts, such as a mapping of columns; entries of another kind are left out. */
export function textMap(input: StepInput, name: string): Record<string, string> {
  const value = input[name]
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** The texts of a list; an absent list is empty. */
export function textList(input: StepInput, name: string): string[] {
  const value = input[name]
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
}
