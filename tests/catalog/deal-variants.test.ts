import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { analyse, sampleDeals } from './support/analysis.ts'
import { delimitedText } from './support/writing.ts'

type Analysis = Awaited<ReturnType<typeof analyse>>

describe('the same deals written another way give the same result', () => {
  let original: Analysis
  let records: string[][]
  beforeAll(async () => {
    const text = await sampleDeals()
    original = await analyse({ data: text })
    records = text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','))
  })

  const german = (date: string) => date.replace(/^(\d+)\/(\d+)\/(\d+)$/, '$2.$1.$3')
  const short = (date: string) => date.replace(/^(\d+)\/(\d+)\/\d\d(\d+)$/, '$2-$1-$3')
  const iso = (date: string) =>
    date.replace(/^(\d+)\/(\d+)\/(\d+)$/, (_, m, d, y) => `${y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`)
  const rewritten = (date: (text: string) => string, value: (text: string) => string = (text) => text) =>
    records.map((row, at) =>
      at === 0 ? row : row.map((cell, column) => (column < 5 ? cell : column < 7 ? date(cell) : value(cell))),
    )

  test.each<[string, () => string]>([
    [
      'with semicolons, decimal commas and the day first',
      () =>
        delimitedText(
          rewritten(german, (it) => it && `${it},00`),
          { delimiter: ';' },
        ),
    ],
    ['with tabs and years of two digits', () => delimitedText(rewritten(short), { delimiter: '\t' })],
    ['with bars and ISO dates', () => delimitedText(rewritten(iso), { delimiter: '|' })],
    ['with a byte order mark and Windows line endings', () => `\uFEFF${delimitedText(records, { lineBreak: '\r\n' })}`],
    ['with every cell quoted', () => delimitedText(records, { quoteAll: true })],
    [
      'with currency and thousands',
      () => delimitedText(rewritten(iso, (it) => it && `$${Number(it).toLocaleString('en')}.00`)),
    ],
    [
      'with more columns and blank lines',
      () =>
        `\n${delimitedText(
          records.map((row, at) => [`x${at}`, ...row, '']),
          { lineBreak: '\n\n' },
        )}`,
    ],
  ])('%s', async (_, write) => {
    const { figures, tables } = await analyse({ data: write() })
    const plain = (value: unknown) => JSON.parse(JSON.stringify(value).replace(/"(-?\d+)\.00"/g, '"$1"'))
    expect(plain(figures)).toEqual(plain(original.figures))
    expect(plain(tables['byAgent']?.rows)).toEqual(plain(original.tables['byAgent']?.rows))
    expect(plain(tables['stalled']?.rows)).toEqual(plain(original.tables['stalled']?.rows))
  })

  test('with line breaks inside quoted cells', async () => {
    const broken = records.map((row, at) =>
      at === 0 ? row : row.map((cell, column) => (column === 3 && cell ? `${cell}\n(site)` : cell)),
    )
    const { figures, warnings } = await analyse({ data: delimitedText(broken) })
    expect(figures).toEqual(original.figures)
    expect(warnings.find(({ code }) => code === 'missing_account')?.lines[0]).toBeGreaterThan(2)
  })

  test('a name spelt in two ways is one, with a warning', async () => {
    const text = (await sampleDeals()).replace('GTXPro', 'GTX Pro')
    const { figures, tables, warnings } = await analyse({ data: text })
    expect(figures).toEqual(original.figures)
    expect(tables['byProduct']).toEqual(original.tables['byProduct'])
    expect(warnings).toContainEqual({
      code: 'merged_spellings',
      message: '"GTX Pro" in product counts as "GTXPro".',
      count: 1,
      columns: ['product'],
      lines: [],
    })
  })
})

describe('a file that is not as it should be', () => {
  test.each([
    ['empty', '\n', 'The data is empty'],
    ['only a header', 'deal_stage,close_value\n', 'has column names but no rows'],
    [
      'without a value',
      'stage,owner\nWon,Ann\n',
      'has no column for the value of the deal (such as "close_value"). The file has: "stage" and "owner"',
    ],
  ])('%s is refused in a sentence', async (_, data, message) => {
    await expect(analyse({ data })).rejects.toThrow(message)
  })

  test('with a wrong date to count from is refused', async () => {
    await expect(analyse({ data: 'stage,value\nWon,1\n', asOf: '31.12.2017' })).rejects.toThrow(
      'must be a date such as 2017-12-31',
    )
  })

  test('with one row and two columns still gives a result', async () => {
    const { figures, warnings } = await analyse({ data: 'stage,value\nClosed Won,"1,234.56"\n' })
    expect(figures).toMatchObject({ opportunities: 1, won: 1, wonValue: '1234.56', winRatePercent: 100, asOf: null })
    expect(warnings.filter(({ code }) => code === 'missing_column')).toHaveLength(6)
  })

  test('keeps every row and says what it could not read', async () => {
    const rows = [
      'id,stage,created,closed,amount',
      '1,Won,2020-01-01,2020-01-05,ten',
      '1,Won,soon,2020-01-05,5',
      '2,Lost,2020-01-09,2020-01-05,',
      '3,,2020-01-01,,7',
    ]
    const { figures, warnings } = await analyse({ data: rows.join('\n') })
    expect(figures).toMatchObject({
      opportunities: 4,
      won: 2,
      lost: 1,
      open: 1,
      stageCounts: { '(no stage)': 1 },
      wonValue: '5',
    })
    expect(warnings.filter(({ lines }) => lines.length > 0).map(({ code, lines }) => [code, lines])).toEqual(
      expect.arrayContaining([
        ['unreadable_number', [2]],
        ['unreadable_date', [3]],
        ['missing_stage', [5]],
        ['missing_open_date', [3]],
        ['missing_value', [2]],
        ['closed_before_opened', [4]],
        ['repeated_id', [3]],
      ]),
    )
  })

  test('counts every row, whatever the cells hold', async () => {
    const junk = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom(
        'Won',
        'Lost',
        'Open',
        '2020-01-02',
        '31/12/2019',
        '1,5',
        '-3',
        '(7)',
        '1e9',
        '__proto__',
        '',
        '\u0000',
        '€',
      ),
    )
    const rows = fc.array(fc.array(junk, { minLength: 7, maxLength: 7 }), { minLength: 1, maxLength: 30 })
    const header = ['id', 'stage', 'created', 'closed', 'amount', 'owner', 'product']
    await fc.assert(
      fc.asyncProperty(rows, async (records) => {
        const data = delimitedText([header, ...records.map((row, at) => [`d${at}`, ...row.slice(1)])])
        const { figures } = await analyse({ data })
        const { won, lost, open } = figures
        expect([figures['opportunities'], Number(won) + Number(lost) + Number(open)]).toEqual([
          records.length,
          records.length,
        ])
      }),
      { numRuns: 60 },
    )
  })

  test('with the outcome apart from the stage takes it from there', async () => {
    const rows = [
      'Deal - Stage,Deal - Status,Deal - Value',
      'Offer sent,Won,10',
      'Offer sent,Lost,3',
      'Offer sent,Open,5',
    ]
    const columns = { stage: 'Deal - Stage' }
    const { figures } = await analyse({ data: rows.join('\n'), columns })
    expect(figures).toMatchObject({ won: 1, lost: 1, open: 1, stageCounts: { Won: 1, Lost: 1, 'Offer sent': 1 } })
  })

  test('with stages of its own follows the lists that the user gives', async () => {
    const data = 'Schritt,Betrag\nVertrag da,10\nKein Budget,0\nOffen,5\n'
    const columns = { stage: 'Schritt', value: 'Betrag' }
    const unknown = await analyse({ data, columns })
    expect(unknown.warnings.map(({ code }) => code)).toContain('no_closed_stage')
    const known = await analyse({ data, columns, wonStages: ['vertrag da'], lostStages: ['Kein Budget'] })
    expect(known.figures).toMatchObject({ won: 1, lost: 1, open: 1, wonValue: '10' })
  })
})
