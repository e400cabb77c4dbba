import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { bucketOf } from '../../catalog/invoice-ageing/steps/age-invoices.ts'
import { parseDecimal, sum } from '../../catalog/shared/decimal.ts'
import { moneyText } from '../../catalog/shared/money.ts'
import { workflow } from './support/workflow-run.ts'
import { delimitedText } from './support/writing.ts'

const { run: age, result, json, sample } = await workflow('invoice-ageing')
const currencies = z.array(z.looseObject({ currency: z.string(), open: z.string() }))
const header = 'invoice,customer,invoice date,due date,amount,paid amount,payment date,currency\n'

test('the sample gives the expected output', async () => {
  const input = await json('sample-input.json')
  expect(await result(input)).toEqual(await json('expected-output.json'))
  expect(input.data).toBe(await sample())
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
    expect(figures['currencies']).toEqual([
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
    expect(
      currencies.parse(figures['currencies']).map(({ currency, open, ...rest }) => [currency, open, rest['net']]),
    ).toEqual([
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
      for (const { currency, open } of currencies.parse(figures['currencies'])) {
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
    { numRuns: 50 },
  )
})
