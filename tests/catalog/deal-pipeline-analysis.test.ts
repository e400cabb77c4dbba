import { beforeAll, describe, expect, test } from 'vitest'
import { analyse } from './support/analysis.ts'
import { fullPipeline } from './support/deals.ts'

type Analysis = Awaited<ReturnType<typeof analyse>>

const header = 'id,owner,product,company,status,created,closed,amount'

function dealsOf(...rows: string[]): string {
  return `${[header, ...rows].join('\n')}\n`
}

/** As many deals of one kind as asked for, opened on the first of January 2020. */
function many(count: number, stage: string, closed: string, amount: string): string[] {
  return Array.from(
    { length: count },
    (_, index) => `${stage}${index},Ann,Box,Acme,${stage},2020-01-01,${closed},${amount}`,
  )
}

describe('the whole sales pipeline', () => {
  let analysis: Analysis
  beforeAll(async () => {
    analysis = await analyse({ data: fullPipeline() })
  })

  test('has the published figures', () => {
    expect(analysis.figures).toMatchObject({
      opportunities: 8800,
      won: 4238,
      lost: 2473,
      open: 2089,
      stageCounts: { Won: 4238, Lost: 2473, Engaging: 1589, Prospecting: 500 },
      wonValue: '10005534',
      winRatePercent: 63.15,
    })
  })

  test('adds up in every table', () => {
    for (const table of ['byAgent', 'byProduct'] as const) {
      const rows = analysis.tables[table]?.rows ?? []
      const total = (key: string) => rows.reduce((sum, row) => sum + Number(row[key]), 0)
      expect([total('won'), total('lost'), total('open'), total('wonValue')]).toEqual([4238, 2473, 2089, 10_005_534])
    }
  })

  test('says which rows lack what, with their lines', () => {
    expect(analysis.warnings).toMatchObject([
      { code: 'missing_account', count: 1425, columns: ['account'], lines: [11, 44, 46, 58, 62] },
      { code: 'missing_open_date', count: 500, columns: ['engage_date'] },
    ])
  })

  test('names findings, their computation and what to do', () => {
    for (const insight of analysis.insights) {
      for (const sentence of [insight.finding, insight.computation, insight.action])
        expect(sentence).toMatch(/^[A-Z\d].*\.$/)
    }
    expect(analysis.insights[0]?.importance).toBe('high')
  })
})

describe('the forecast', () => {
  test('weighs a deal with the win rate of its product', async () => {
    const rows = [
      ...many(15, 'Won', '2020-01-11', '100'),
      ...many(5, 'Lost', '2020-01-06', ''),
      'o,Bob,Box,Beta,Open,2020-01-02,,10.10',
    ]
    const { figures, tables } = await analyse({ data: dealsOf(...rows) })
    expect(figures).toMatchObject({ openValue: '10.10', weightedForecast: '7.58', winRatePercent: 75 })
    expect(tables['forecast']?.rows[0]).toMatchObject({ weight: 75, basis: '20 closed deals of the product' })
  })

  test('borrows weight and value of all deals for a product with little history', async () => {
    const rows = [
      ...many(10, 'Won', '2020-01-11', '100'),
      ...many(10, 'Lost', '2020-01-06', ''),
      'o,Bob,New,Beta,Open,2020-01-02,,',
    ]
    const { figures, tables } = await analyse({ data: dealsOf(...rows) })
    expect(figures).toMatchObject({ openValue: '100.00', weightedForecast: '50.00' })
    expect(tables['forecast']?.rows[0]).toMatchObject({ product: 'New', basis: 'all 20 closed deals' })
  })

  test('counts one half when there is no history, and says so', async () => {
    const { figures, insights } = await analyse({ data: dealsOf('o,Bob,New,Beta,Open,2020-01-02,,80') })
    expect(figures).toMatchObject({ openValue: '80', weightedForecast: '40.00', winRatePercent: null })
    expect(insights.find(({ id }) => id === 'weighted-forecast')?.computation).toContain('one half')
  })
})

describe('stalled deals', () => {
  const rows = [
    ...many(20, 'Won', '2020-01-11', '100'),
    'old,Bob,Box,Beta,Open,2020-01-01,,',
    'new,Bob,Box,Beta,Open,2020-01-25,,',
  ]

  test('are those open longer than nine of ten won deals took', async () => {
    const { figures, tables } = await analyse({ data: dealsOf(...rows) })
    expect(figures).toMatchObject({ asOf: '2020-01-25', stalledAfterDays: 10, stalledDeals: 1, openBeyondAnyWin: 1 })
    expect(tables['stalled']?.rows).toMatchObject([
      { id: 'old', daysOpen: 24, openedOn: '2020-01-01', expectedValue: '100.00' },
    ])
  })

  test('follow the days and the date that the user gives', async () => {
    const given = await analyse({ data: dealsOf(...rows), asOf: '2020-02-25', stalledAfterDays: 30 })
    expect(given.figures).toMatchObject({ asOf: '2020-02-25', stalledAfterDays: 30, stalledDeals: 2 })
  })

  test('do not take the expected closing date of an open deal for today', async () => {
    const { figures } = await analyse({ data: dealsOf('o,Bob,Box,Beta,Open,2020-01-01,2030-01-01,5') })
    expect(figures['asOf']).toBe('2020-01-01')
  })

  test('are at most as many rows as asked for, and the title says so', async () => {
    const { tables } = await analyse({ data: dealsOf(...many(9, 'Open', '', '5')), asOf: '2021-01-01', topN: 3 })
    expect(tables['stalled']?.rows).toHaveLength(3)
    expect(tables['stalled']?.title).toContain('3 most valuable of 9')
  })
})
