import { matchingKey } from './text-matching.ts'
import { listed } from './wording.ts'

/** A column that a workflow reads. `synonyms` are other names that exports use; case, blanks and punctuation do not matter. */
export interface Field<Key extends string = string> {
  key: Key
  label: string
  synonyms: readonly string[]
  isRequired?: boolean
}

/** Where each field stands in a record; undefined when the file does not have it. */
export type Positions<Key extends string> = Record<Key, number | undefined>

/** Finds the column of each field: as the user named it, else by its own name, else by the first synonym present. */
export function matchHeaders<Key extends string>(
  headers: string[],
  fields: readonly Field<Key>[],
  overrides: Record<string, string> = {},
): Positions<Key> {
  const keys = headers.map((header) => matchingKey(header))
  const bareKeys = headers.map((header) => matchingKey(header.replace(/[([].*$/, '')))
  const find = (name: string) => {
    const key = matchingKey(name)
    const exact = keys.indexOf(key)
    return exact === -1 ? bareKeys.indexOf(key) : exact
  }
  const positionOf = (field: Field<Key>) => {
    const named = overrides[field.key]
    const names = named === undefined || named === '' ? [field.key, field.label, ...field.synonyms] : [named]
    return names.map(find).find((position) => position !== -1)
  }
  // Object.fromEntries forgets the keys' type; every field has its entry.
  return Object.fromEntries(fields.map((field) => [field.key, positionOf(field)])) as Positions<Key>
}

export function hasRequired<Key extends string>(positions: Positions<Key>, fields: readonly Field<Key>[]): boolean {
  return fields.every((field) => !field.isRequired || positions[field.key] !== undefined)
}

/** @throws with the columns needed and those found, when a needed column or one that the user named is missing. */
export function requireHeaders<Key extends string>(
  headers: string[],
  fields: readonly Field<Key>[],
  overrides: Record<string, string>,
): void {
  const positions = matchHeaders(headers, fields, overrides)
  const found = listed(headers.map((header) => `"${header.trim()}"`))
  for (const field of fields) {
    const named = overrides[field.key]
    if (named && positions[field.key] === undefined) {
      throw new Error(`The column "${named}", named for ${field.label}, is not in the file. The file has: ${found}.`)
    }
  }
  const missing = fields.filter((field) => field.isRequired && positions[field.key] === undefined)
  if (missing.length === 0) return
  const wanted = listed(missing.map((field) => `${field.label} (such as "${field.synonyms[0] ?? field.key}")`))
  const hint = 'Rename the columns, or say in "columns" which column holds what.'
  throw new Error(`The file has no column for ${wanted}. The file has: ${found}. ${hint}`)
}
