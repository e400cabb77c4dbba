import { z } from 'zod'

/** One place inside a schema that takes text, a number, a list or a mapping, as JSON Schema tells it. */
export interface Place {
  path: string
  schema: Record<string, unknown>
}

/** Every place of an input schema, however deep. */
export function placesOf(input: z.ZodType): Place[] {
  return [...walk('', z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }))]
}

function* walk(path: string, schema: unknown): Generator<Place> {
  if (!isObject(schema)) return
  yield { path, schema }
  const { properties, items, anyOf, allOf, oneOf } = schema
  for (const [name, inner] of Object.entries(isObject(properties) ? properties : {}))
    yield* walk(`${path}.${name}`, inner)
  yield* walk(`${path}[]`, items)
  for (const inner of [anyOf, allOf, oneOf].flat()) yield* walk(path, inner)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
