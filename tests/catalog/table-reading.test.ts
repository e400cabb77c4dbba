import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Field } from '../../catalog/shared/header-matching.ts'
import { readTable } from '../../catalog/shared/table-reading.ts'
import { collectWarnings } from '../../catalog/shared/warnings.ts'
import { delimitedText } from './support/writing.ts'

const fields: readonly Field<'name' | 'amount' | 'date'>[] = [
  { key: 'name', label: 'the name', synonyms: ['customer'], isRequired: true },
  { key: 'amount', label: 'the amount', synonyms: ['total', 'net value'], isRequired: true },
  { key: 'date', label: 'the date', synonyms: ['day'] },
]

function read(text: string, overrides: Record<string, string> = {}) {
  const warnings = collectWarnings()
  return { table: readTable(text, fields, { overrides, warnings }), warnings }
}

describe('a table', () => {
  test('finds its columns by synonym, whatever their case, punctuation and order', () => {
    const { table } = read('x;NET_VALUE (EUR);Customer\n1;2,5;Ann\n')
    expect(table.columns).toEqual({ name: ['Ann'], amount: ['2,5'], date: [''] })
    expect(table.headers).toEqual({ name: 'Customer', amount: 'NET_VALUE (EUR)', date: undefined })
  })

  test('takes the columns that the user names', () => {
    expect(read('a,b,total\nAnn,3,4\n', { name: 'A', amount: 'b' }).table.columns.amount).toEqual(['3'])
  })

  test('says where letters are lost because the file is not in UTF-8', () => {
    const bytes = Buffer.from('name,amount\nMüller,1\nAnn,2\nJosé,3\n', 'latin1')
    const { table, warnings } = read(bytes.toString('utf8'))
    expect(table.columns.amount).toEqual(['1', '2', '3'])
    expect(warnings.toList()).toMatchObject([{ code: 'lost_letters', count: 2, lines: [2, 4] }])
    expect(warnings.toList()[0]?.message).toContain('2 lines have letters that could not be read')
  })

  test('begins below a title', () => {
    const { table } = read('Report of March\n\nname,amount\nAnn,1\n')
    expect(table).toMatchObject({ lines: [4], columns: { name: ['Ann'] } })
  })

  test('keeps short and long rows and says which they are', () => {
    const { table, warnings } = read('name,amount,date\nAnn\nBob,1,2017-01-01,extra\nCid,2,2017-01-02,,\n,,\n')
    expect(table.columns.name).toEqual(['Ann', 'Bob', 'Cid'])
    expect(warnings.toList().map(({ code, count, lines }) => ({ code, count, lines }))).toEqual([
      { code: 'short_rows', count: 1, lines: [2] },
      { code: 'long_rows', count: 1, lines: [3] },
      { code: 'empty_rows', count: 1, lines: [5] },
    ])
  })

  test('never loses a row without saying so', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ' ', '"', ',', '\n', '1') })
    const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(rows, (records) => {
        const { table, warnings } = read(delimitedText([['name', 'amount', 'date'], ['Ann', '1', ''], ...records]))
        const empty = warnings.toList().find(({ code }) => code === 'empty_rows')?.count ?? 0
        expect(table.lines.length + empty).toBe(records.length + 1)
        expect(table.columns.name).toHaveLength(table.lines.length)
      }),
    )
  })

  test('counts words for nothing as empty', () => {
    expect(read('name,amount\nAnn,N/A\nBob,null\nCid,-\n').table.columns.amount).toEqual(['', '', ''])
  })

  test('names the columns needed and those found when one is missing', () => {
    expect(() => read('name,price\nAnn,1\n')).toThrow(
      'The file has no column for the amount (such as "total"). The file has: "name" and "price".',
    )
    expect(() => read('name,amount\nAnn,1\n', { date: 'When' })).toThrow(
      'The column "When", named for the date, is not in the file. The file has: "name" and "amount".',
    )
  })

  test('refuses a file without rows', () => {
    expect(() => read('')).toThrow('The data is empty')
    expect(() => read('\uFEFF \r\n \r\n')).toThrow('The data is empty')
    expect(() => read('name,amount\n')).toThrow('The data has column names but no rows.')
  })
})
