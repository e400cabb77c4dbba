import { z } from 'zod'
import { alternatives } from './input-issues.ts'

type Json = Record<string, unknown>

/** A template that takes one of several properties, text or a file for one. */
const choice = z.object({ oneOf: alternatives })

/**
 * A run's own input with edits laid over it, property by property. Of a choice between properties (`oneOf`) what the edits give
 * takes the place of what the run had: a file that of pasted text. Edits that give several of them are left for the check to refuse.
 */
export function editedInput(schema: unknown, own: Json, edits: Json): Json {
  const choices = choice.safeParse(schema).data?.oneOf.map(({ required }) => required) ?? []
  const [chosen, ...others] = choices.filter((names) => names.some((name) => Object.hasOwn(edits, name)))
  const kept = { ...own }
  if (chosen && others.length === 0) for (const name of choices.flat()) if (!chosen.includes(name)) delete kept[name]
  return { ...kept, ...edits }
}
