import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { delimiters, plainText, scanRecords } from '../../catalog/shared/delimited-text.ts'
import { detectDelimiter } from '../../catalog/shared/delimiter.ts'
import { delimitedText } from './support/writing.ts'

function recordsOf(text: string, delimiter: string) {
  const records: string[][] = []
  const lines: number[] = []
  const unclosed: number[] = []
  scanRecords(plainText(text), delimiter, {
    record: (cells, line) => {
      records.push(cells)
      lines.push(line)
      return true
    },
    unclosedQuote: (line) => unclosed.push(line),
  })
  return { records, lines, unclosed }
}

const cell = fc.string({ unit: fc.constantFrom('a', 'Ü', '7', ' ', '"', ',', ';', '\t', '|', '\n', "'", '.') })
const table = fc
  .integer({ min: 2, max: 6 })
  .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 }))

describe('delimited text', () => {
  test.each(delimiters)('reads back whatever was written with %j between the cells', (delimiter) => {
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n', '\r'), fc.boolean(), (records, lineBreak, quoteAll) => {
        const text = delimitedText(records, { delimiter, lineBreak, quoteAll })
        expect(recordsOf(text, delimiter).records).toEqual(records)
      }),
    )
  })

  test('counts lines as an editor does, over quoted line breaks and blank lines', () => {
    const text = 'a,b\r\n1,"two\r\nlines"\r\n\r\n3,4\r\n'
    expect(recordsOf(text, ',')).toMatchObject({
      lines: [1, 2, 5],
      records: [
        ['a', 'b'],
        ['1', 'two\nlines'],
        ['3', '4'],
      ],
    })
  })

  test('takes a quote inside a cell and one that is never closed as ordinary characters', () => {
    expect(recordsOf('5" pipe,2\n"open,3\nx,4', ',')).toEqual({
      records: [
        ['5" pipe', '2'],
        ['"open', '3'],
        ['x', '4'],
      ],
      lines: [1, 2, 3],
      unclosed: [2],
    })
  })

  test('drops the byte order mark', () => {
    expect(recordsOf('\uFEFFa,b\n', ',').records).toEqual([['a', 'b']])
  })

  test.each([
    ['a;b;c\n1,5;2,5;3,5\n', ';'],
    ['a\tb\n1,2\t3,4\n', '\t'],
    ['a|b|c\nx, y|z|1\n', '|'],
    ['name,note\n"a;b;c;d","x;y"\n"e","f"\n', ','],
    ['single\n1\n2\n', ','],
    ['sep=;\na;b\n1;2\n', ';'],
  ])('recognises the delimiter of %j', (text, delimiter) => {
    expect(detectDelimiter(text).delimiter).toBe(delimiter)
  })

  test('recognises the delimiter of any table that was written with it', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '1', '.', ' '), maxLength: 8 })
    const words = fc.array(fc.array(word, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(words, fc.constantFrom(...delimiters), (records, delimiter) => {
        expect(detectDelimiter(delimitedText(records, { delimiter })).delimiter).toBe(delimiter)
      }),
    )
  })
})
