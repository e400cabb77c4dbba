import { describe, expect, test } from 'vitest'
import { stateOf, termsDays } from '../../catalog/invoice-ageing/document-words.ts'
import { dayOfIsoDate } from '../../catalog/shared/calendar.ts'
import { isoWeek, weekStart } from '../../catalog/shared/iso-week.ts'
import { currencyIn } from '../../catalog/shared/money.ts'
import { workflow } from './support/workflow-run.ts'
import { delimitedText } from './support/writing.ts'

const { run: age } = await workflow('invoice-ageing')
const header = 'invoice,customer,invoice date,due date,amount,paid amount,payment date,currency\n'

describe('the same invoices written another way', () => {
  const dot = [
    ['Rechnungsnummer', 'Kunde', 'Rechnungsdatum', 'Fällig am', 'Betrag', 'Bezahlt', 'Währung'],
    ['1', 'Muster; GmbH', '01.08.2025', '31.08.2025', '1234.50', '', 'EUR'],
    ['2', 'Muster; GmbH', '20.09.2025', '20.10.2025', '10.25', '0.25', 'EUR'],
  ]
  const comma = dot.map((row, i) =>
    i === 0
      ? row
      : row.map((cell, column) => (column < 4 ? cell : cell.replace('1234.50', '1.234,50').replace(/\.(25)$/, ',$1'))),
  )

  test.each([
    ['semicolons and decimal commas', delimitedText(comma, { delimiter: ';' })],
    ['tabs', delimitedText(dot, { delimiter: '\t' })],
    ['a byte order mark and Windows line endings', `\uFEFF${delimitedText(dot, { lineBreak: '\r\n' })}`],
    ['quotes everywhere', delimitedText(comma, { quoteAll: true })],
    ['a title above', `Open items\n\n${delimitedText(dot)}`],
  ])('%s', async (_, text) => {
    const { figures, warnings } = await age({ data: text })
    expect(figures).toMatchObject({ asOf: '2025-09-20', currencies: [{ open: '1244.50', overdue: '1234.50' }] })
    expect(warnings.filter(({ code }) => code !== 'lines_above_header')).toEqual([])
  })
})

describe('reading', () => {
  test('reports what it could not read or had to assume', async () => {
    const csv =
      `${header}1,Acme,2025-08-01,,100,,,\n` +
      '2,,2025-08-01,2025-08-31,100,maybe,,EUR\n' +
      '3,Acme,2025-08-01,2025-08-31,see below,,,EUR\n' +
      '4,Acme,,,100,,,EUR\n' +
      '5,ACME,2025-08-01,soon,100,,,$\n' +
      'Total,,,,400,,,\n'
    const { warnings, figures } = await age({ data: csv, defaultTermsDays: 10, defaultCurrency: 'EUR' })
    expect(warnings.map(({ code, count, lines }) => [code, count, lines])).toEqual([
      ['no_amount', 1, [4]],
      ['no_date', 2, [5, 7]],
      ['unreadable_date', 1, [6]],
      ['assumed_due_date', 2, [2, 6]],
      ['no_customer', 1, [3]],
      ['assumed_currency', 1, [2]],
      ['unreadable_payment', 1, [3]],
      ['merged_spellings', 1, []],
    ])
    expect(figures).toMatchObject({ rows: 6, unreadRows: 3, openInvoices: 3 })
  })

  test.each([
    ['nothing', '', /empty/],
    ['only column names', header, /no rows/],
    ['no amount column', 'customer,due date\nAcme,2025-01-01\n', /amount.*"customer" and "due date"/],
    ['no day to count from', 'customer,due date,amount\nAcme,2025-01-01,5\n', /asOf/],
  ])('refuses %s', async (_, text, message) => {
    await expect(age({ data: text })).rejects.toThrow(message)
  })

  test('refuses settings that make no sense', async () => {
    const text = `${header}1,Acme,2025-08-01,2025-08-31,100,,,EUR\n`
    await expect(age({ data: text, asOf: 'today' })).rejects.toThrow('asOf')
    await expect(age({ data: text, defaultCurrency: 'euro' })).rejects.toThrow('defaultCurrency')
    await expect(age({ data: text, defaultTermsDays: -1 })).rejects.toThrow('defaultTermsDays')
  })

  test('one row is enough, and columns can be named', async () => {
    const { figures } = await age({
      data: 'Who,What,When\nAcme,5,2025-01-31\n',
      columns: { customer: 'Who', amount: 'What', due: 'When' },
      asOf: '2025-02-01',
    })
    expect(figures).toMatchObject({ openInvoices: 1, currencies: [{ currency: 'XXX', open: '5.00' }] })
  })

  test.each([
    ['Net 30', 30],
    ['14 Tage netto', 14],
    ['on receipt', undefined],
  ])('the terms "%s"', (text, days) => expect(termsDays(text)).toBe(days))

  test.each([
    ['Nicht bezahlt', 'open'],
    ['Bezahlt', 'paid'],
    ['Partially paid', 'open'],
    ['Annulée', 'void'],
    ['sent', undefined],
  ])('the status "%s"', (text, state) => expect(stateOf(text)).toBe(state))

  test.each([
    ['€ 12', 'EUR'],
    ['12.00 usd', 'USD'],
    ['$5', 'USD'],
    ['Fr. 5', 'CHF'],
    ['see below', undefined],
    ['Euro', 'EUR'],
    ['12', undefined],
  ])('the currency of "%s"', (text, currency) => expect(currencyIn(text)).toBe(currency))

  test.each([
    ['2024-12-30', '2025-W01', '2024-12-30'],
    ['2027-01-01', '2026-W53', '2026-12-28'],
    ['2025-09-30', '2025-W40', '2025-09-29'],
  ])('the ISO week of %s', (date, week, monday) => {
    const day = dayOfIsoDate(date) ?? 0
    expect([isoWeek(day), weekStart(day)]).toEqual([week, monday])
  })
})
