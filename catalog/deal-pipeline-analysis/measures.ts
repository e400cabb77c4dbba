/** Won, lost and open deals of one group, and what the won ones brought. */
export interface Tally {
  name: string
  won: number
  lost: number
  open: number
  /** Sum over won deals, as decimal text. */
  wonValue: string
  /** Won deals that have a value: the base of an average. */
  wonWithValue: number
}

export interface CycleTime {
  deals: number
  medianDays: number | null
  p90Days: number | null
  longestDays: number | null
}

export interface StageCount {
  name: string
  outcome: 'won' | 'lost' | 'open'
  deals: number
}

/** Output of `measure_results`. Groups are sorted by won value, largest first. */
export interface Measures {
  total: Tally
  stages: StageCount[]
  agents: Tally[]
  products: Tally[]
  accounts: Tally[]
  cycle: { won: CycleTime; lost: CycleTime }
}

/** One line of the forecast: the open deals of a product. */
export interface ForecastLine {
  product: string
  deals: number
  /** Own values where given, else the average of won deals; decimal text. */
  openValue: string
  withOwnValue: number
  averageWonValue: string
  isAverageOfAll: boolean
  /** Weight as won out of closed. */
  weight: { won: number; closed: number; basis: WeightBasis }
  weightedValue: string
}

export type WeightBasis = 'product' | 'all' | 'none'

/** Output of `forecast`. */
export interface Forecast {
  lines: ForecastLine[]
  openDeals: number
  openValue: string
  weightedValue: string
}

export interface StalledDeal {
  id: string
  agent: string
  account: string
  product: string
  stage: string
  openedOn: string
  daysOpen: number
  expectedValue: string
}

export interface StalledAgent {
  agent: string
  deals: number
  expectedValue: string
}

/** Output of `find_stalled`. */
export interface Stalled {
  afterDays: number
  basis: 'given' | 'won' | 'fallback'
  /** Open deals whose age is known. */
  aged: number
  count: number
  expectedValue: string
  /** Open longer than any won deal ever took. */
  beyondAnyWin: number
  byAgent: StalledAgent[]
  /** The most valuable ones, at most as many as asked for. */
  deals: StalledDeal[]
}
