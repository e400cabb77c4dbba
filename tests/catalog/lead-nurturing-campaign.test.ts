import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bareAddress, isWellFormed } from '../../catalog/lead-nurturing-campaign/addresses.ts'
import { sendingDays } from '../../catalog/lead-nurturing-campaign/plan/sequences.ts'
import { dayOfIsoDate, isoDate, weekday } from '../../catalog/shared/calendar.ts'
import { workflow } from './support/workflow-run.ts'
import { delimitedText } from './support/writing.ts'

const { run: plan, result, json, sample } = await workflow('lead-nurturing-campaign')

test('the sample gives the expected output', async () => {
  const input = await json('sample-input.json')
  expect(await result(input)).toEqual(await json('expected-output.json'))
  expect(input.data).toBe(await sample())
})

describe('scores by hand', () => {
  const csv =
    'Email,Job Title,Last Activity,Email Clicks\n' +
    'a@example.com,CEO,2025-09-22,3\n' +
    'b@example.com,Student,2025-07-01,0\n' +
    'c@example.com,,2025-01-02,\n' +
    'd@example.com,Buyer,2025-09-25,1\n'

  test('points, reasons and segments of four leads', async () => {
    const { rows } = await plan({ data: csv })
    const seen = rows('leads').map((row) => [row['email'], row['score'], row['segment'], row['reasons']])
    // 25 for recency, 20 for clicks and 15 for the title can be earned: 60 in all.
    expect(seen).toEqual([
      ['a@example.com', 92, 'hot', '55 of 60 points: +25 last active 3 days ago, +15 3 clicks, +15 title "CEO"'],
      ['d@example.com', 63, 'hot', '38 of 60 points: +25 last active 0 days ago, +5 1 click, +8 title "Buyer"'],
      ['b@example.com', 0, 'cool', '-2 of 60 points: +8 last active 86 days ago, -10 title "Student"'],
      ['c@example.com', 0, 'dormant', '0 of 60 points: no signal'],
    ])
  })

  test('the calendar starts on the working day after the newest date', async () => {
    const { rows, figures } = await plan({
      data: csv,
      messagesPerSegment: { hot: 3, cool: 0, dormant: 1 },
      spacingDays: 1,
    })
    expect(rows('calendar').map((row) => [row['date'], row['weekday'], row['segment'], row['recipients']])).toEqual([
      ['2025-09-26', 'Friday', 'hot', 2],
      ['2025-09-26', 'Friday', 'dormant', 1],
      ['2025-09-29', 'Monday', 'hot', 2],
      ['2025-09-30', 'Tuesday', 'hot', 2],
    ])
    expect(figures).toMatchObject({ rows: 4, scheduled: 3, withoutMessages: 1, suppressed: 0, messages: 7 })
  })

  test('a start on a weekend moves to Monday', async () => {
    const { figures } = await plan({ data: csv, startDate: '2025-10-04' })
    expect(figures['firstDay']).toBe('2025-10-06')
  })
})

describe('suppression', () => {
  const csv =
    'E-Mail;Status;Abgemeldet;Erstellt am\n' +
    'a@example.com;;nein;01.09.2025\n' +
    'Sample <A@Example.com>;;;15.09.2025\n' +
    'b@example.com;;ja;01.09.2025\n' +
    'B@example.com;;;02.09.2025\n' +
    ';;;02.09.2025\n' +
    'no address;;;02.09.2025\n' +
    'c@example.com;Hard bounce;;02.09.2025\n' +
    'd@example.com;Kunde;;02.09.2025\n' +
    'e@example.com;;vielleicht;02.09.2025\n' +
    'f@example.com;verloren;;13.09.2025\n'

  test('names reason and line of every row taken out', async () => {
    const { rows } = await plan({ data: csv })
    expect(rows('leads').map((row) => [row['email'], row['line']])).toEqual([['a@example.com', 3]])
    expect(rows('suppressed').map((row) => [row['line'], row['reason'], row['keptLine']])).toEqual([
      [2, 'duplicate address', 3],
      [4, 'unsubscribed', null],
      [5, 'unsubscribed', null],
      [6, 'no address', null],
      [7, 'malformed address', null],
      [8, 'bounced address', null],
      [9, 'already a customer', null],
      [10, 'unsubscribed', null],
      [11, 'ruled out by status', null],
    ])
  })

  test('warns with counts and lines', async () => {
    const { warnings, figures } = await plan({ data: csv })
    expect(warnings.map(({ code, count, lines }) => [code, count, lines])).toEqual([
      ['unclear_consent', 1, [10]],
      ['suppressed_missing', 1, [6]],
      ['suppressed_invalid', 1, [7]],
      ['suppressed_unsubscribed', 3, [4, 5, 10]],
      ['suppressed_bounced', 1, [8]],
      ['suppressed_customer', 1, [9]],
      ['suppressed_ruled_out', 1, [11]],
      ['suppressed_duplicate', 1, [2]],
    ])
    expect(figures['suppressed']).toBe(9)
  })

  test('an opt-in column that says no suppresses too', async () => {
    const { figures } = await plan({
      data: 'mail\tconsent\tdate\na@example.com\tno\t2025-09-01\nb@example.com\tyes\t2025-09-01\n',
    })
    expect(figures).toMatchObject({ scheduled: 1, suppressedByReason: { unsubscribed: 1 } })
  })

  test.each([
    ['Sample Name <a@example.com>', 'a@example.com', true],
    ['mailto:B@Example.org', 'b@example.org', true],
    ['a..b@example.com', 'a..b@example.com', false],
    ['a@example', 'a@example', false],
    ['a@b@example.com', 'a@b@example.com', false],
    ['a@-example.com', 'a@-example.com', false],
    ['käse@exämple.com', 'käse@exämple.com', true],
  ])('%s', (text, address, isGood) => {
    expect([bareAddress(text), isWellFormed(bareAddress(text))]).toEqual([address, isGood])
  })
})

describe('the same leads written another way', () => {
  const records = [
    ['Email', 'Employees', 'Website Visits', 'Created Date'],
    ['a@example.com', '2500', '1.5', '31/08/2025'],
    ['b@example.com', '40', '2', '01/09/2025'],
  ]
  const comma = records.map((row) => row.map((cell) => (cell === '1.5' ? '1,5' : cell === '2500' ? '2.500' : cell)))

  test.each([
    ['semicolons and decimal commas', delimitedText(comma, { delimiter: ';' })],
    ['tabs', delimitedText(records, { delimiter: '\t' })],
    ['a byte order mark and Windows line endings', `\uFEFF${delimitedText(records, { lineBreak: '\r\n' })}`],
    ['quotes everywhere', delimitedText(records, { quoteAll: true })],
  ])('%s', async (_, text) => {
    const { rows, figures } = await plan({ data: text })
    expect(rows('leads').map((row) => row['score'])).toEqual([84, 71])
    expect(figures['firstDay']).toBe('2025-09-02')
  })
})

describe('refuses with a reason', () => {
  test.each([
    ['nothing', '', /empty/],
    ['only column names', 'Email,Company\n', /no rows/],
    ['no e-mail column', 'Name,Company\nSample,Acme\n', /e-mail address.*"Name" and "Company"/],
    ['no date at all', 'Email\na@example.com\n', /startDate/],
  ])('%s', async (_, text, message) => {
    await expect(plan({ data: text })).rejects.toThrow(message)
  })

  test('wrong settings', async () => {
    const csv = 'Email\na@example.com\n'
    await expect(plan({ data: csv, startDate: '2025-02-30' })).rejects.toThrow('startDate')
    await expect(plan({ data: csv, startDate: '2025-02-03', spacingDays: 0 })).rejects.toThrow('spacingDays')
    await expect(plan({ data: csv, startDate: '2025-02-03', messagesPerSegment: { hot: 99 } })).rejects.toThrow('hot')
  })

  test('but one row is enough, and a named column is used', async () => {
    const { figures } = await plan({ data: 'Adr\na@example.com\n', columns: { email: 'Adr' }, startDate: '2025-10-01' })
    expect(figures).toMatchObject({ rows: 1, scheduled: 1, segments: { cool: 1 } })
  })
})

test('every lead is scheduled, suppressed or reported exactly once', async () => {
  const cell = fc.constantFrom(
    'a@example.com',
    'A@example.com ',
    'b@example.org',
    'bad',
    '',
    'c@example.net',
    'd@example.net',
  )
  const row = fc.tuple(
    cell,
    fc.constantFrom('', 'New', 'Bounced', 'Customer'),
    fc.constantFrom('', 'yes', 'no', '?'),
    fc.constantFrom('', '2025-09-01', '2024-01-01', 'soon'),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (leads) => {
      const text = delimitedText([
        ['Email', 'Status', 'Unsubscribed', 'Created', 'Company'],
        ...leads.map((cells) => [...cells, 'Acme']),
        ['z@example.com', '', '', '2025-09-05', 'Acme'],
      ])
      const { rows } = await plan({ data: text, messagesPerSegment: { cool: 0 } })
      const lines = [...rows('leads'), ...rows('suppressed')].map((one) => Number(one['line']))
      expect(lines.sort((a, b) => a - b)).toEqual(Array.from({ length: leads.length + 1 }, (_, i) => i + 2))
      const emails = rows('leads').map((one) => one['email'])
      expect(new Set(emails).size).toBe(emails.length)
    }),
    { numRuns: 50 },
  )
})

test('messages fall on different working days', () => {
  const first = dayOfIsoDate('2025-01-01') ?? 0
  fc.assert(
    fc.property(
      fc.nat(1000),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 60 }),
      (offset, count, spacing) => {
        const days = sendingDays(first + offset, count, spacing)
        expect(days.length).toBe(count)
        expect(days.every((day, i) => weekday(day) <= 5 && (i === 0 || day > (days[i - 1] ?? day)))).toBe(true)
        expect(isoDate(days[0] ?? 0) >= isoDate(first + offset)).toBe(true)
      },
    ),
  )
})
