import { dayOfIsoDate, isoDate } from '../../shared/calendar.ts'
import { givenText } from '../../shared/given-text.ts'
import { choiceOf, integerOr, optionalText, type StepInput, textList, textMap } from '../../shared/step-input.ts'
import { readTable } from '../../shared/table-reading.ts'
import { collectWarnings, type WarningList } from '../../shared/warnings.ts'
import { checkDeals } from '../deal-checks.ts'
import { type DealTable, dateColumns, nameColumn, stageColumn, valueColumn } from '../deal-columns.ts'
import { dealFields } from '../deal-fields.ts'
import { type Deals, type Options, outcomeOf, type ReadData } from '../deals.ts'
import { stageClassifier } from '../stages.ts'

/** Reads the file into compact columns and notes what could not be read. */
export const code = async (input: StepInput): Promise<ReadData> => {
  const warnings = collectWarnings()
  const asOf = givenDate(input)
  const table = readTable(givenText(input, warnings), dealFields, { overrides: textMap(input, 'columns'), warnings })
  const deals = dealsOf(table, input, warnings)
  checkDeals(deals, table, warnings)
  const options: Options = {
    asOf: asOf ?? newestDate(deals),
    isAsOfGiven: asOf !== undefined,
    stalledAfterDays: integerOr(input, 'stalledAfterDays', { fallback: null, min: 1, max: 3650 }),
    topN: integerOr(input, 'topN', { fallback: 50, min: 1, max: 500 }),
  }
  return { deals, options, warnings: warnings.toList() }
}

function dealsOf(table: DealTable, input: StepInput, warnings: WarningList): Deals {
  const dateOrder = choiceOf(input, 'dateOrder', ['auto', 'mdy', 'dmy', 'ymd'])
  const classify = stageClassifier(textList(input, 'wonStages'), textList(input, 'lostStages'))
  const stages = stageColumn(table, classify, warnings)
  return {
    ids: table.columns.id,
    agents: nameColumn(table, 'agent', warnings),
    products: nameColumn(table, 'product', warnings),
    accounts: nameColumn(table, 'account', warnings),
    stages,
    outcomes: stages.names.map(classify),
    values: valueColumn(table, warnings),
    ...dateColumns(table, dateOrder, warnings),
  }
}

function givenDate(input: StepInput): string | undefined {
  const asOf = optionalText(input, 'asOf')
  if (asOf !== undefined && dayOfIsoDate(asOf) === undefined)
    throw new Error(`The input "asOf" must be a date such as 2017-12-31, not "${asOf}".`)
  return asOf
}

/** The newest day on which something happened; the expected closing of an open deal has not happened. */
function newestDate(deals: Deals): string {
  let newest: number | undefined
  deals.ids.forEach((_, row) => {
    const closed = outcomeOf(deals, row) === 'open' ? null : deals.closed[row]
    for (const day of [deals.opened[row], closed]) {
      if (typeof day === 'number' && (newest === undefined || day > newest)) newest = day
    }
  })
  return newest === undefined ? '' : isoDate(newest)
}
