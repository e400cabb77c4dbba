import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { loadCatalog } from '../../catalog/index.ts'
import { DomainError } from '../../src/errors.ts'
import { editedInput } from '../../src/services/workflows/edited-input.ts'
import { checkInput, learnSchema } from '../../src/services/workflows/input-check.ts'

const file = randomUUID()

/** The faults that the check of an input names; none when it is taken. */
function faultsOf(schema: Record<string, unknown>, input: Record<string, unknown>): object[] {
  const contentHash = randomUUID()
  learnSchema(contentHash, schema)
  try {
    checkInput(contentHash, input)
    return []
  } catch (error) {
    if (error instanceof DomainError && error.code === 'BAD_REQUEST') return error.issues
    throw error
  }
}

describe.each(await loadCatalog())('the form of $manifest.slug', ({ manifest, sampleInput }) => {
  const { data, ...others } = sampleInput
  const faults = (input: Record<string, unknown>) => faultsOf(manifest.inputSchema, { ...others, ...input })

  test('takes either the text or a file', () => {
    expect(faults({ data })).toEqual([])
    expect(faults({ file })).toEqual([])
  })

  test('wants one of the two, in one sentence', () => {
    expect(faults({})).toEqual([{ path: 'input', message: 'needs either data or file' }])
    const both = [{ path: 'input', message: 'takes either data or file, not both; leave one out' }]
    expect(faults({ data, file })).toEqual(both)
  })

  test.each(['', 'sales.csv', `${file}x`, `urn:uuid:${file}`])('does not take "%s" for a file', (name) => {
    const message = 'must be the id of a file in a studio'
    expect(faults({ file: name })).toEqual([{ path: 'input.file', message }])
  })

  test('names every other fault beside it', () => {
    expect(faults({ surprise: 1 })).toEqual([
      { path: 'input', message: 'needs either data or file' },
      { path: 'input.surprise', message: 'is not asked for; leave it out' },
    ])
  })
})

describe('a choice in a form', () => {
  test('may be between groups of fields, some of them enough', () => {
    const schema = { anyOf: [{ required: ['email'] }, { required: ['street', 'city'] }] }
    expect(faultsOf(schema, {})).toEqual([{ path: 'input', message: 'needs either email or street with city' }])
    expect(faultsOf(schema, { email: 'a', street: 'b', city: 'c' })).toEqual([])
  })

  test('between anything else is told fault by fault', () => {
    const schema = { properties: { n: { oneOf: [{ type: 'integer' }, { type: 'null' }] } } }
    const told = faultsOf(schema, { n: 'seven' })
    expect(told).toContainEqual({ path: 'input.n', message: 'must be integer' })
    expect(told).toContainEqual({ path: 'input.n', message: 'must be null' })
  })
})

describe('edits laid over an input', () => {
  const schema = { oneOf: [{ required: ['data'] }, { required: ['file'] }, { required: ['bucket', 'path'] }] }

  test.each([
    [{ data: 'x', n: 1 }, { n: 2 }, { data: 'x', n: 2 }],
    [{ data: 'x', n: 1 }, { file: 'f' }, { file: 'f', n: 1 }],
    [{ file: 'f', n: 1 }, { data: 'x' }, { data: 'x', n: 1 }],
    [{ data: 'x' }, { bucket: 'b', path: 'p' }, { bucket: 'b', path: 'p' }],
    [{ bucket: 'b', path: 'p' }, { path: 'q' }, { bucket: 'b', path: 'q' }],
    [{ data: 'x' }, { data: 'y', file: 'f' }, { data: 'y', file: 'f' }],
  ])('%j with %j is %j', (own, edits, edited) => {
    expect(editedInput(schema, own, edits)).toEqual(edited)
  })

  test('take nothing away where several may be given, or the schema names no choice', () => {
    const several = { anyOf: [{ required: ['email'] }, { required: ['phone'] }] }
    for (const open of [several, {}, { oneOf: [{ type: 'object' }] }])
      expect(editedInput(open, { email: 'a' }, { phone: '1' })).toEqual({ email: 'a', phone: '1' })
  })
})
