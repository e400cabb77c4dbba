import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { requestBody, runFlow, runHere } from '../../catalog/flow-run.ts'
import { catalogPath } from '../../catalog/index.ts'
import { stateOf, termsDays } from '../../catalog/invoice-ageing/document-words.ts'
import { bucketOf } from '../../catalog/invoice-ageing/steps/age-invoices.ts'
import { dayOfIsoDate } from '../../catalog/shared/calendar.ts'
import { parseDecimal, sum } from '../../catalog/shared/decimal.ts'
import { isoWeek, weekStart } from '../../catalog/shared/iso-week.ts'
import { currencyIn, moneyText } from '../../catalog/shared/money.ts'
import { envelope, resultTable } from '../../src/contracts/envelope.ts'
import { delimitedText } from './support/writing.ts'

const slug = 'invoice-ageing'
const flow = JSON.parse(await readFile(catalogPath(slug, 'flow.json'), 'utf8'))
const currencies = z.array(z.record(z.string(), z.unknown()))
const figures = z.looseObject({ currencies })
const data = z.object({ figures, tables: z.record(z.string(), resultTable) })

async function age(input: Record<string, unknown>) {
  const result = envelope.parse((await runFlow(flow, requestBody(input), runHere)).get('report'))
  const parsed = data.parse(result.data)
  return { ...result, figures: parsed.figures, rows: (table: string) => parsed.tables[table]?.rows ?? [] }
}

async function json(name: string) {
  return JSON.parse(await readFile(catalogPath(slug, name), 'utf8'))
}

const header = 'invoice,customer,invoice date,due date,amount,paid amount,payment date,currency\n'

test('the sample gives the expected output', async () => {
  const result = envelope.parse(
    (await runFlow(flow, requestBody(await json('sample-input.json')), runHere)).get('report'),
  )
  expect(result).toEqual(await json('expected-output.json'))
  expect((await json('sample-input.json')).data).toBe(await readFile(catalogPath(slug, 'sample.csv'), 'utf8'))
})

describe('by hand', () => {
  const csv =
    `${header}1,Acme,2025-08-01,2025-08-31,100.10,,,EUR\n` +
    '2,Acme,2025-06-01,2025-07-01,200.20,50.05,2025-07-15,EUR\n' +
    '3,Acme,2025-09-01,2025-10-01,0.30,,,EUR\n' +
    '4,Blue,2025-01-01,2025-01-31,1000,,,USD\n' +
    '5,Acme,2025-05-01,2025-05-31,10,10,2025-06-10,EUR\n' +
    '6,Acme,2025-05-01,2025-05-31,10,10,2025-06-20,EUR\n'

  test('buckets by currency, exact to the cent', async () => {
    const { rows, figures } = await age({ data: csv, asOf: '2025-09-30' })
    expect(
      rows('buckets')
        .filter((row) => row['invoices'] !== 0)
        .map((row) => [row['currency'], row['bucket'], row['open']]),
    ).toEqual([
      ['EUR', 'not due', '0.30'],
      ['EUR', '1 to 30 days', '100.10'],
      ['EUR', 'over 90 days', '150.15'],
      ['USD', 'over 90 days', '1000.00'],
    ])
    expect(figures.currencies).toEqual([
      {
        currency: 'EUR',
        openInvoices: 3,
        open: '250.55',
        overdue: '250.25',
        overdueShare: 99.88,
        credits: '0.00',
        net: '250.55',
      },
      {
        currency: 'USD',
        openInvoices: 1,
        open: '1000.00',
        overdue: '1000.00',
        overdueShare: 100,
        credits: '0.00',
        net: '1000.00',
      },
    ])
  })

  test('expected weeks shift by the usual delay, here 15 days', async () => {
    const { rows } = await age({ data: csv, asOf: '2025-09-30' })
    expect(rows('expectedCash').map((row) => [row['week'], row['start'], row['currency'], row['expected']])).toEqual([
      ['later than usual', null, 'EUR', '250.25'],
      ['later than usual', null, 'USD', '1000.00'],
      ['2025-W42', '2025-10-13', 'EUR', '0.30'],
    ])
    expect(rows('customers').map((row) => [row['customer'], row['usualDelay'], row['paidInvoices']])).toEqual([
      ['Acme', 15, 2],
      ['Blue', null, null],
    ])
  })

  test('without a day the newest invoice or payment date counts, and an earlier day undoes later payments', async () => {
    expect((await age({ data: csv })).figures['asOf']).toBe('2025-09-01')
    const { figures, warnings } = await age({ data: csv, asOf: '2025-06-15' })
    expect(figures).toMatchObject({ openInvoices: 3, paidInvoices: 1 })
    expect(warnings.map(({ code, lines }) => [code, lines])).toEqual([
      ['issued_later', [2, 4]],
      ['paid_later', [3, 7]],
    ])
  })

  test.each([
    [0, 'not due'],
    [1, '1 to 30 days'],
    [30, '1 to 30 days'],
    [31, '31 to 60 days'],
    [60, '31 to 60 days'],
    [61, '61 to 90 days'],
    [90, '61 to 90 days'],
    [91, 'over 90 days'],
  ])('%i days late is %s', (days, bucket) => expect(bucketOf(days)).toBe(bucket))
})

describe('payments and credit notes', () => {
  const asOf = '2025-09-30'

  test('a credit note comes off the invoice it names, the rest stays as credit', async () => {
    const csv =
      'invoice,customer,type,invoice date,due date,amount,currency,applies to\n' +
      '1,Acme,Invoice,2025-08-01,2025-08-31,100,EUR,\n' +
      '2,Acme,Credit note,2025-08-10,,30,EUR,1\n' +
      '3,Acme,Credit note,2025-08-11,,-80,EUR,1\n' +
      '4,Acme,Credit note,2025-08-11,,-5.50,EUR,\n' +
      '5,Acme,Credit note,2025-08-11,,-7,USD,1\n'
    const { rows, figures } = await age({ data: csv, asOf })
    expect(rows('overdue')).toEqual([])
    expect(rows('credits').map((row) => [row['number'], row['open'], row['currency']])).toEqual([
      ['3', '10.00', 'EUR'],
      ['4', '5.50', 'EUR'],
      ['5', '7.00', 'USD'],
    ])
    expect(figures.currencies.map(({ currency, open, net }) => [currency, open, net])).toEqual([
      ['EUR', '0.00', '-15.50'],
      ['USD', '0.00', '-7.00'],
    ])
  })

  test('several payments of one invoice are added up, repeated rows count once', async () => {
    const csv =
      `${header}1,Acme,2025-08-01,2025-08-31,100,30,2025-09-01,EUR\n` +
      '1,Acme,2025-08-01,2025-08-31,100,20.5,2025-09-05,EUR\n' +
      '2,Acme,2025-08-01,2025-08-31,100,,,EUR\n' +
      '2,Acme,2025-08-01,2025-08-31,100,,,EUR\n' +
      '2,Acme,2025-08-01,2025-08-31,40,,,EUR\n' +
      '3,Acme,2025-08-01,2025-08-31,100,60,2025-09-01,EUR\n' +
      '3,Acme,2025-08-01,2025-08-31,100,90,2025-09-05,EUR\n'
    const { rows, warnings } = await age({ data: csv, asOf })
    expect(rows('overdue').map((row) => [row['number'], row['paid'], row['open']])).toEqual([
      ['1', '50.50', '49.50'],
      ['2', '0.00', '100.00'],
      ['2', '0.00', '40.00'],
      ['3', '90.00', '10.00'],
    ])
    expect(warnings.map(({ code, lines }) => [code, lines])).toEqual([
      ['repeated_row', [5]],
      ['joined_payments', [3, 8]],
      ['repeated_number', [6]],
    ])
  })

  test('an overpayment is a credit, never a negative bucket', async () => {
    const { rows, figures } = await age({
      data: `${header}1,Acme,2025-08-01,2025-08-31,100,130,2025-09-01,EUR\n`,
      asOf,
    })
    expect(rows('credits')).toMatchObject([{ kind: 'overpayment', open: '30.00' }])
    expect(figures).toMatchObject({ openInvoices: 0, paidInvoices: 1 })
  })

  test('balance and status stand in for a paid amount; cancelled invoices are left out', async () => {
    const csv =
      'invoice,customer,due date,amount,balance,status,currency\n' +
      '1,Acme,2025-08-31,100,25,partially paid,EUR\n' +
      '2,Acme,2025-08-31,100,,paid,EUR\n' +
      '3,Acme,2025-08-31,100,,unpaid,EUR\n' +
      '4,Acme,2025-08-31,100,100,void,EUR\n'
    const { rows, warnings } = await age({ data: csv, asOf })
    expect(rows('overdue').map((row) => [row['number'], row['open']])).toEqual([
      ['1', '25.00'],
      ['3', '100.00'],
    ])
    expect(warnings.map(({ code, lines }) => [code, lines])).toEqual([
      ['assumed_full_payment', [3]],
      ['cancelled_invoices', [5]],
    ])
  })
})

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
      '5,ACME,2025-08-01,31/31/2025,100,,,$\n' +
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

test('buckets, customers and expected weeks each add up to what is open, and every row is accounted for', async () => {
  const cents = fc.integer({ min: -50_000, max: 900_000 }).map((n) => (n / 100).toFixed(2))
  const date = fc.constantFrom('2025-01-31', '2025-06-15', '2025-08-20', '2025-09-29', '2025-11-01', '')
  const row = fc.record({
    number: fc.constantFrom('1', '2', '3', ''),
    customer: fc.constantFrom('Acme', 'acme', 'Blue'),
    due: date,
    amount: cents,
    paid: fc.oneof(fc.constant(''), cents),
    currency: fc.constantFrom('EUR', 'USD'),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 15 }), async (invoices) => {
      const records = invoices.map((one) => [one.number, one.customer, one.due, one.amount, one.paid, one.currency])
      const { figures, rows } = await age({
        data: delimitedText([['invoice', 'customer', 'due date', 'amount', 'paid', 'currency'], ...records]),
        asOf: '2025-09-30',
      })
      for (const { currency, open } of figures.currencies) {
        const total = (table: string, column: string) =>
          moneyText(
            sum(
              rows(table)
                .filter((one) => one['currency'] === currency)
                .map((one) => parseDecimal(String(one[column]))),
            ),
          )
        expect([total('buckets', 'open'), total('customers', 'open'), total('expectedCash', 'expected')]).toEqual([
          open,
          open,
          open,
        ])
      }
      expect(figures['rows']).toBe(invoices.length)
      expect(figures['unreadRows']).toBe(invoices.filter(({ due }) => due === '').length)
    }),
    { numRuns: 60 },
  )
})
