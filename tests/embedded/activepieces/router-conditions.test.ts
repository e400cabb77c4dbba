import { expect, test } from 'vitest'
import { evaluateBranches, evaluateCondition } from '../../../src/embedded/activepieces/router-conditions.ts'

test.for<[string, unknown, unknown, boolean]>([
  ['TEXT_CONTAINS', 'Hello World', 'world', true],
  ['TEXT_DOES_NOT_CONTAIN', 'Hello', 'bye', true],
  ['TEXT_EXACTLY_MATCHES', 'YES', 'yes', true],
  ['TEXT_EXACTLY_MATCHES', 'yes', 'no', false],
  ['TEXT_DOES_NOT_EXACTLY_MATCH', 'yes', 'no', true],
  ['TEXT_START_WITH', 'invoice-1', 'INV', true],
  ['TEXT_DOES_NOT_START_WITH', 'invoice-1', 'bill', true],
  ['TEXT_ENDS_WITH', 'a.csv', '.CSV', true],
  ['TEXT_DOES_NOT_END_WITH', 'a.csv', '.csv', false],
  ['NUMBER_IS_GREATER_THAN', '11', 10, true],
  ['NUMBER_IS_GREATER_THAN', '', '-1', false],
  ['NUMBER_IS_LESS_THAN', 9.5, '10', true],
  ['NUMBER_IS_EQUAL_TO', '10.0', 10, true],
  ['BOOLEAN_IS_TRUE', 'True', undefined, true],
  ['BOOLEAN_IS_TRUE', 'no', undefined, false],
  ['BOOLEAN_IS_FALSE', false, undefined, true],
  ['DATE_IS_BEFORE', '2026-01-01', '2026-01-02T00:00:00Z', true],
  ['DATE_IS_EQUAL', '2026-01-01', '2026-01-01T00:00:00.000Z', true],
  ['DATE_IS_AFTER', '2026-01-01', 'not a date', false],
  ['LIST_CONTAINS', ['Red', 'blue'], 'red', true],
  ['LIST_CONTAINS', '["red"]', 'red', true],
  ['LIST_DOES_NOT_CONTAIN', ['red'], 'green', true],
  ['LIST_IS_EMPTY', [], undefined, true],
  ['LIST_IS_EMPTY', [1], undefined, false],
  ['LIST_IS_NOT_EMPTY', [1], undefined, true],
  ['LIST_IS_NOT_EMPTY', 'text', undefined, false],
  ['EXISTS', 0, undefined, true],
  ['EXISTS', '', undefined, false],
  ['DOES_NOT_EXIST', null, undefined, true],
])('%s of %j and %j is %j', ([operator, firstValue, secondValue, expected]) => {
  expect(evaluateCondition({ operator, firstValue, secondValue })).toBe(expected)
})

test('case counts where the condition says so', () => {
  const condition = { operator: 'TEXT_CONTAINS', firstValue: 'Hello', secondValue: 'hello' }
  expect(evaluateCondition({ ...condition, caseSensitive: true })).toBe(false)
})

test('any group of conditions whose members all hold makes a branch hold', () => {
  const yes = { operator: 'EXISTS', firstValue: 'something' }
  const no = { operator: 'EXISTS', firstValue: '' }
  const branch = (conditions: (typeof yes)[][]) => ({ branchName: '', branchType: 'CONDITION' as const, conditions })
  const fallback = { branchName: '', branchType: 'FALLBACK' as const }
  expect(evaluateBranches([branch([[yes, no]]), branch([[no], [yes, yes]]), fallback])).toEqual([false, true, false])
  expect(evaluateBranches([branch([[no]]), fallback])).toEqual([false, true])
})
