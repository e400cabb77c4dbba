import { describe, expect } from 'vitest'
import { test as base } from './support/clone.ts'
import { runOn } from './support/run.ts'

const test = base.extend('patternOf', { scope: 'file' }, ({ clone }) => {
  const run = runOn(clone.owner)
  return async (message: string) => String((await run('select app.failure_pattern($1) as it', [message]))[0]?.['it'])
})

/** Messages of runs that failed for one reason. */
const same: Record<string, string[]> = {
  numbers: ['Row 3 of 120 has no amount.', 'Row 17 of 9,412 has no amount.', 'Row 1 of 1 has no amount'],
  'numbers with a sign': ['The balance is -5.', 'The balance is +3', 'The balance is 12.75.'],
  'thousands in every writing': [
    'The sum 1,234,567.89 is too large.',
    'The sum 1.234.567,89 is too large.',
    'The sum 1 234 567 is too large.',
    "The sum 1'234'567 is too large.",
    'The sum 1\u00a0234\u202f567 is too large.',
    'The sum 12 is too large.',
  ],
  amounts: [
    'The invoice over €1,200.00 is overdue.',
    'The invoice over $ 5 is overdue.',
    'The invoice over EUR 7.50 is overdue.',
    'The invoice over 12,30 € is overdue.',
    'The invoice over 99 GBP is overdue.',
    'The invoice over -3.10 is overdue.',
  ],
  'quoted values': [
    'The stage "Won" is not known.',
    'The stage “Closed, lost” is not known.',
    "The stage 'On hold' is not known.",
    'The stage ‘New’ is not known.',
    'The stage «Gagné» is not known.',
    'The stage „Gewonnen“ is not known.',
    'The stage `new` is not known.',
    'The stage "a \\" quote" is not known.',
    'The stage "ana@example.com" is not known.',
    'The stage "2024-01-31" is not known.',
    'The stage "" is not known.',
  ],
  'apostrophes beside quoted values': [
    "The customer's order 'A' isn't there.",
    "The customer's order 'O'Brien & sons' isn't there.",
    "The customer's order 'isn't it' isn't there.",
  ],
  UUIDs: [
    'Run 0b0f6e0a-6a0b-4c1e-9f53-0d7a6f6a1c11 is gone.',
    'Run 9D1C7A52-CE0F-4E19-8B7E-2B1F3A4D5E6F is gone.',
    'Run 9d1c7a52ce0f4e198b7e2b1f3a4d5e6f is gone.',
  ],
  'identifiers with digits': [
    'The deal D-1001-A is unknown.',
    'The deal D-7 is unknown.',
    'The deal D-2b9 is unknown.',
  ],
  'identifiers of the engine': ['Run x7Kq2mZp9LbT4vRc1WnYs is gone.', 'Run 1aB2cD3eF4gH5iJ6kL7mN is gone.'],
  'e-mail addresses': [
    'Mail to ana@example.com was refused.',
    'Mail to bob.o+news@mail.example.co.uk was refused.',
    'Mail to <eve@example.org> was refused.'.replaceAll(/[<>]/g, ''),
  ],
  'dates and moments': [
    'Nothing was sent on 2024-01-31.',
    'Nothing was sent on 31/01/2024.',
    'Nothing was sent on 31.1.24.',
    'Nothing was sent on 31 January 2024.',
    'Nothing was sent on January 31, 2024.',
    'Nothing was sent on Wed, 3rd of May 2023.',
    'Nothing was sent on Sept. 5.',
    'Nothing was sent on March 2024.',
    'Nothing was sent on 2024-01-31T10:30:00.123Z.',
    'Nothing was sent on 2024-01-31 10:30:00+02:00',
  ],
  'times of day': ['The job of 9:15 am is late.', 'The job of 22:45:10 is late.', 'The job of 5 PM is late.'],
  'file names': [
    'The file report.csv has no rows.',
    'The file Q3_sales-2024.xlsx has no rows.',
    'The file /tmp/upload/deals.tsv has no rows.',
    'The file C:\\Users\\ana\\deals.tsv has no rows.',
    'The file backup.tar.gz has no rows.',
    'The file Übersicht.pdf has no rows.',
  ],
  'addresses of one service': [
    'https://api.example.com/orders/17?key=abc did not answer.',
    'https://api.example.com did not answer.',
  ],
  'lists of any length': [
    'The file has: "a", "b" and "c". Rows 1, 2 and 3 are empty.',
    'The file has: "a". Rows 4 are empty.',
    'The file has: "x" or "y". Rows 4-6 are empty.',
  ],
  'spaces and case': ['The  data\nis empty.', 'the data is empty'],
}

/** Messages of runs that failed for different reasons. */
const different: Record<string, string[]> = {
  'what is missing': ['The file has no column for the amount.', 'The file has no column for the date.'],
  'where it is missing': ['Column "a" has no value.', 'Row "a" has no value.'],
  'what a service answered': [
    'Request failed with status code 401',
    'Request failed with status code 503',
    'Request failed with status 404',
  ],
  'which service': ['https://a.example.com/x is down.', 'https://b.example.com/x is down.'],
  'a verb that is also a month': ['You may not do this.', 'You must not do this.'],
  'words around the changing part': ['Row 3 has no amount.', 'Row 3 has no date.', 'Row 3 has two amounts.'],
  'the words between two quoted values': ['"a" is not "b".', '"a" is older than "b".'],
  'an apostrophe and no quoted value': ["The customer's name isn't known.", "The customer's age isn't known."],
}

describe('the pattern of a failure', () => {
  test.for(Object.entries(same))('leaves out %s', async ([, messages], { patternOf }) => {
    const patterns: string[] = []
    for (const message of messages) patterns.push(await patternOf(message))
    expect(patterns).toEqual(messages.map(() => patterns[0]))
    expect(patterns[0]).not.toBe('')
  })

  test.for(Object.entries(different))('keeps %s', async ([, messages], { patternOf }) => {
    const patterns: string[] = []
    for (const message of messages) patterns.push(await patternOf(message))
    expect(new Set(patterns).size).toBe(messages.length)
  })

  test('is short, and the same each time it is made', async ({ patternOf }) => {
    const long = `The value ${'word '.repeat(500)}is wrong.`
    expect((await patternOf(long)).length).toBe(500)
    const once = await patternOf('Row 3: "x" in a.csv on 3 May 2024 for ana@example.com at status code 503')
    expect(await patternOf(once)).toBe(once)
  })

  test('is made quickly of the longest message, whatever stands in it', async ({ clone }) => {
    const worst = [`"`, `'`, `'a`, `/`, `1 `, `1.`, `a@`, `a.`, `1-a_`, `„`, `http://`, `"", `, `jan `]
    for (const part of worst) {
      await clone.owner.query(`set statement_timeout = '2s'`)
      const { rows } = await clone.owner.query('select length(app.failure_pattern($1)) as it', [
        part.repeat(2000).slice(0, 2000),
      ])
      expect(rows[0].it).toBeLessThanOrEqual(500)
    }
    await clone.owner.query('reset statement_timeout')
  })
})
