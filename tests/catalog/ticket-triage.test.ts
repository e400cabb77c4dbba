import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { minuteOfDay, momentText } from '../../catalog/ticket-triage/moments.ts'
import { plainSubject } from '../../catalog/ticket-triage/steps/find-duplicates.ts'
import { workflow } from './support/workflow-run.ts'
import { delimitedText } from './support/writing.ts'

const { run: triage, result, json, sample } = await workflow('ticket-triage')

test('the sample gives the expected output', async () => {
  const input = await json('sample-input.json')
  expect(await result(input)).toEqual(await json('expected-output.json'))
  expect(input.data).toBe(await sample())
})

describe('duplicates', () => {
  const header = 'id,subject,body,requester,created\n'

  test.each([
    ['Re: AW: Printer #4711', 'printer'],
    ['WG: [Ticket 12] Printer', 'printer'],
    ['TR : Imprimante', 'imprimante'],
    ['RV: RE: Pedido', 'pedido'],
  ])('%s', (subject, plain) => expect(plainSubject(subject)).toBe(plain))

  test('same requester and subject within 30 days of the first', async () => {
    const csv = `${header}1,Printer,x,A@example.com,2025-01-01\n2,Re: printer,y,a@example.com,2025-01-30\n3,PRINTER,z,a@example.com,2025-02-02\n4,Printer,x,b@example.com,2025-01-02\n`
    const { rows } = await triage({ data: csv })
    expect(rows('duplicates').map((row) => [row['first'], row['members'], row['reasons']])).toEqual([
      ['1', '2', 'same requester and subject'],
    ])
  })

  test('half of all different words in common', async () => {
    const csv = `${header}1,Shop offline,red green blue white black,a@example.com,2025-01-01\n2,Shop broken,red green blue white grey,b@example.com,2025-01-02\n3,Shop offline,one two three four five,c@example.com,2025-01-02\n`
    const { rows } = await triage({ data: csv })
    // Shared: shop, red, green, blue, white; all: 9.
    expect(rows('duplicates').map((row) => [row['first'], row['members'], row['reasons']])).toEqual([
      ['1', '2', '55 % of the words are the same'],
    ])
    expect(rows('tickets').find((row) => row['id'] === '2')?.['duplicateOf']).toBe('1')
  })

  test('a repeat of a closed ticket is still answered', async () => {
    const csv =
      'id,subject,requester,status\n1,Printer,a@example.com,closed\n2,Re: Printer,a@example.com,open\n3,Re: Printer,a@example.com,open\n'
    const { rows, figures } = await triage({ data: csv })
    expect(rows('tickets').map((row) => [row['id'], row['duplicateOf']])).toEqual([
      ['2', null],
      ['3', '2'],
    ])
    expect(figures).toMatchObject({ rows: 3, open: 2, closed: 1, toAnswer: 1, openDuplicates: 1 })
  })
})

describe('queues and waiting', () => {
  const csv =
    'id,subject,created,status,priority\n' +
    '1,Invoice wrong,2025-09-22 08:00,open,\n' +
    '2,Server is down,2025-09-22 10:30,open,\n' +
    '3,Password forgotten,2025-09-22 07:00,open,high\n' +
    '4,Password forgotten,2025-09-20 07:00,pending,high\n'

  test('late is what waited longer than its urgency allows', async () => {
    const { rows, figures } = await triage({ data: csv, asOf: '2025-09-22T12:00' })
    expect(rows('tickets').map((row) => [row['id'], row['queue'], row['urgency'], row['late'], row['waited']])).toEqual(
      [
        ['2', 'Incident response', 'critical', true, 0.06],
        ['4', 'Accounts and access', 'high', false, 2.21],
        ['3', 'Accounts and access', 'high', true, 0.21],
        ['1', 'Billing', 'normal', false, 0.17],
      ],
    )
    expect(figures).toMatchObject({ asOf: '2025-09-22 12:00', late: 2, critical: 1, high: 2 })
  })

  test('a day counts to its end, and without one the newest ticket is now', async () => {
    expect((await triage({ data: csv, asOf: '2025-09-22' })).figures['asOf']).toBe('2025-09-23 00:00')
    expect((await triage({ data: csv })).figures['asOf']).toBe('2025-09-22 10:30')
  })

  test('own rules decide first', async () => {
    const rules = [
      { words: ['pass*'], queue: 'Identity desk', urgency: 'low' },
      { words: ['password'], queue: 'Never' },
      { words: ['rechnung', 'invoice'], category: 'complaint' },
    ]
    const { rows } = await triage({ data: csv, rules })
    const ticket = (id: string) => rows('tickets').find((row) => row['id'] === id)
    expect(ticket('3')).toMatchObject({ queue: 'Identity desk', urgency: 'low', category: 'access' })
    expect(ticket('1')).toMatchObject({ queue: 'Customer relations', category: 'complaint' })
    expect(ticket('1')?.['reasons']).toContain('your rule for "invoice"')
  })

  test('a rule without words or decision is refused', async () => {
    await expect(triage({ data: csv, rules: [{ words: ['x'] }] })).rejects.toThrow(/Rule 1/)
    await expect(triage({ data: csv, rules: [{ words: ['ok'], queue: 'A' }, { queue: 'B' }] })).rejects.toThrow(
      /Rule 2/,
    )
    await expect(triage({ data: csv, rules: 'all' })).rejects.toThrow(/list/)
  })
})

describe('reading', () => {
  const records = [
    ['Ticket', 'Betreff', 'Beschreibung', 'Erstellt am'],
    ['1', 'Rechnung; falsch', 'Betrag 1,50 statt 2,50\nBitte prüfen', '22.09.2025 14:05'],
    ['2', 'Lieferung, verspätet', 'sagt "morgen"', '23.09.2025 08:00'],
  ]
  test.each([
    ['semicolons', delimitedText(records, { delimiter: ';' })],
    ['tabs', delimitedText(records, { delimiter: '\t' })],
    ['a byte order mark and Windows line endings', `\uFEFF${delimitedText(records, { lineBreak: '\r\n' })}`],
    ['quotes everywhere', delimitedText(records, { quoteAll: true })],
  ])('%s', async (_, text) => {
    const { rows, warnings } = await triage({ data: text })
    expect(rows('tickets').map((row) => [row['category'], row['created'], row['line']])).toEqual([
      ['billing', '2025-09-22 14:05', 2],
      ['delivery', '2025-09-23 08:00', 4],
    ])
    expect(warnings).toEqual([])
  })

  test('reports what it could not read and keeps every ticket', async () => {
    const { warnings, figures } = await triage({
      data: 'id,subject,text,created,status\n1,,,soon,strange\n,Hi,,2025-01-01,\n1,Hi,,2025-01-01,open\n',
    })
    expect(warnings.map(({ code, lines }) => [code, lines])).toEqual([
      ['unreadable_date', [2]],
      ['unknown_status', [2]],
      ['no_text', [2]],
      ['repeated_number', [4]],
      ['missing_number', [3]],
    ])
    expect(figures['rows']).toBe(3)
  })

  test('a file with texts only is read', async () => {
    const { rows } = await triage({ data: 'Customer says\nmy parcel is missing\n', columns: { body: 'Customer says' } })
    expect(rows('tickets')).toMatchObject([{ subject: '', category: 'delivery', queue: 'Orders and delivery' }])
  })

  test.each([
    ['nothing', '', /empty/],
    ['only column names', 'id,subject\n', /no rows/],
    ['no subject or text', 'id,created\n1,2025-01-01\n', /subject or text.*"id" and "created"/],
  ])('refuses %s', async (_, text, message) => {
    await expect(triage({ data: text })).rejects.toThrow(message)
  })

  test.each([
    ['8:14 PM', '20:14'],
    ['12:05 am', '00:05'],
    ['2025-09-22T08:14:59Z', '08:14'],
    ['no time', '00:00'],
  ])('the time of %s', (text, time) => expect(momentText(minuteOfDay(text))).toBe(`1970-01-01 ${time}`))
})

test('every ticket is either closed or triaged exactly once', async () => {
  const row = fc.tuple(
    fc.constantFrom('1', '2', ''),
    fc.constantFrom('Hi', 'Re: Hi', 'Invoice', ''),
    fc.constantFrom('a@example.com', ''),
    fc.constantFrom('open', 'closed', 'pending', '?'),
    fc.constantFrom('', '2025-09-01', '2025-03-01', 'x'),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 15 }), async (tickets) => {
      const named = tickets.map(([id, ...rest], i) => [id, ...rest, `note ${i % 3}`])
      const { rows, figures } = await triage({
        data: delimitedText([['id', 'subject', 'requester', 'status', 'created', 'body'], ...named]),
      })
      const lines = rows('tickets').map((ticket) => ticket['line'])
      expect(new Set(lines).size).toBe(lines.length)
      expect(lines.length + Number(figures['closed'])).toBe(tickets.length)
      expect(
        rows('queues').reduce((sum, queue) => sum + Number(queue['toAnswer']) + Number(queue['duplicates']), 0),
      ).toBe(lines.length)
    }),
    { numRuns: 50 },
  )
})
