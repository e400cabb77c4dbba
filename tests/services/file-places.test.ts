import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { filesIn } from '../../src/services/workflows/file-places.ts'
import { fileField, schemaWithFiles } from '../support/run-files.ts'

const [one, two] = [randomUUID(), randomUUID()]

test('files are found at the top, in lists, in objects and behind a choice', () => {
  expect(filesIn(schemaWithFiles, { file: one, lists: [{}, { file: two }], more: { second: one }, note: two })).toEqual(
    [
      { property: 'file', fileId: one },
      { property: 'lists.1.file', fileId: two },
      { property: 'more.second', fileId: one },
    ],
  )
  const pair = { type: 'array', prefixItems: [{ type: 'string' }], items: fileField }
  expect(filesIn({ properties: { pair } }, { pair: [one, two] })).toEqual([{ property: 'pair.1', fileId: two }])
  const choice = { anyOf: [{ type: 'string' }, fileField], allOf: [fileField] }
  expect(filesIn({ properties: { a: choice, b: choice } }, { a: one.toUpperCase(), b: 'a text' })).toEqual([
    { property: 'a', fileId: one },
  ])
})

test('nothing but an id in a place for files is one, whatever the input', () => {
  fc.assert(fc.property(fc.object(), (input) => filesIn(schemaWithFiles, input).length === 0))
  fc.assert(fc.property(fc.jsonValue(), (schema) => filesIn(schema, { file: one }).length === 0))
  expect(filesIn({ properties: { constructor: fileField, __proto__: fileField } }, {})).toEqual([])
})
