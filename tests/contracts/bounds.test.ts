import { describe, expect, test } from 'vitest'
import { allProcedures } from './procedures.ts'
import { type Place, placesOf } from './schema-walk.ts'

/** Bounded elsewhere: a run's input by the template's schema and the engine's limit, a file's metadata by its 8 KB. */
const boundedElsewhere = [
  'executions.start .input',
  'executions.replay .input',
  'files.update .metadata',
  'bulk.start .options.input',
  'schedules.create .input',
  'schedules.update .input',
]

function unbounded(kind: string, isBounded: (schema: Place['schema']) => boolean): string[] {
  return allProcedures.flatMap(({ path, input }) =>
    placesOf(input)
      .filter(({ schema }) => schema['type'] === kind && !isBounded(schema))
      .map((place) => `${path} ${place.path}`),
  )
}

describe('every input of the product is bounded', () => {
  test('text has a longest length, a fixed form or a list of values', () => {
    const isBounded = (schema: Place['schema']) =>
      'maxLength' in schema || 'enum' in schema || 'const' in schema || schema['format'] === 'uuid'
    expect(unbounded('string', isBounded)).toEqual([])
  })

  test('numbers have a smallest and a largest value', () => {
    const isBounded = (schema: Place['schema']) =>
      'minimum' in schema && Number(schema['maximum'] ?? Number.POSITIVE_INFINITY) <= Number.MAX_SAFE_INTEGER
    expect([...unbounded('integer', isBounded), ...unbounded('number', isBounded)]).toEqual([])
  })

  test('lists have a greatest length', () => {
    expect(unbounded('array', (schema) => 'maxItems' in schema)).toEqual([])
  })

  test("only a run's input and a file's metadata take properties that are not listed", () => {
    const isClosed = (schema: Place['schema']) => 'properties' in schema
    expect(unbounded('object', isClosed)).toEqual(boundedElsewhere)
  })
})

test('bounds are looked for at any depth', () => {
  const places = allProcedures.flatMap(({ path, input }) => placesOf(input).map((place) => `${path} ${place.path}`))
  expect(places).toContain('companies.create .branches[].contactEmail')
})
