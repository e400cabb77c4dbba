import type { Branch, Condition } from './flows/definition.ts'
import { asText, parseJsonOrText } from './json.ts'

type Operand = { first: unknown; second: unknown; fold: (value: unknown) => string }
type Operator = (operand: Operand) => boolean

const isEmptyList = (value: unknown) => {
  const items = listOf(value)
  return items !== undefined && items.length === 0
}
const exists = (value: unknown) => value !== undefined && value !== null && value !== ''
const contains: Operator = ({ first, second, fold }) => fold(first).includes(fold(second))
const equals: Operator = ({ first, second, fold }) => fold(first) === fold(second)
const startsWith: Operator = ({ first, second, fold }) => fold(first).startsWith(fold(second))
const endsWith: Operator = ({ first, second, fold }) => fold(first).endsWith(fold(second))
const listContains: Operator = ({ first, second, fold }) =>
  (listOf(first) ?? []).some((item) => fold(item) === fold(second))

const operators: Record<string, Operator> = {
  TEXT_CONTAINS: contains,
  TEXT_DOES_NOT_CONTAIN: (operand) => !contains(operand),
  TEXT_EXACTLY_MATCHES: equals,
  TEXT_DOES_NOT_EXACTLY_MATCH: (operand) => !equals(operand),
  TEXT_START_WITH: startsWith,
  TEXT_STARTS_WITH: startsWith,
  TEXT_DOES_NOT_START_WITH: (operand) => !startsWith(operand),
  TEXT_ENDS_WITH: endsWith,
  TEXT_DOES_NOT_END_WITH: (operand) => !endsWith(operand),
  NUMBER_IS_GREATER_THAN: ({ first, second }) => numberOf(first) > numberOf(second),
  NUMBER_IS_LESS_THAN: ({ first, second }) => numberOf(first) < numberOf(second),
  NUMBER_IS_EQUAL_TO: ({ first, second }) => numberOf(first) === numberOf(second),
  BOOLEAN_IS_TRUE: ({ first }) => booleanOf(first),
  BOOLEAN_IS_FALSE: ({ first }) => !booleanOf(first),
  DATE_IS_BEFORE: ({ first, second }) => timeOf(first) < timeOf(second),
  DATE_IS_EQUAL: ({ first, second }) => timeOf(first) === timeOf(second),
  DATE_IS_AFTER: ({ first, second }) => timeOf(first) > timeOf(second),
  LIST_CONTAINS: listContains,
  LIST_DOES_NOT_CONTAIN: (operand) => !listContains(operand),
  LIST_IS_EMPTY: ({ first }) => isEmptyList(first),
  LIST_IS_NOT_EMPTY: ({ first }) => (listOf(first)?.length ?? 0) > 0,
  EXISTS: ({ first }) => exists(first),
  DOES_NOT_EXIST: ({ first }) => !exists(first),
}

/** Which branches hold: any group of conditions whose members all hold; a fallback holds when no other does. */
export function evaluateBranches(branches: Branch[]): boolean[] {
  const conditional = branches.map((branch) => branch.branchType === 'CONDITION' && holds(branch))
  const isNoneTrue = !conditional.includes(true)
  return branches.map((branch, index) => (branch.branchType === 'FALLBACK' ? isNoneTrue : conditional[index] === true))
}

function holds(branch: Branch): boolean {
  return (branch.conditions ?? []).some((group) => group.every(evaluateCondition))
}

export function evaluateCondition(condition: Condition): boolean {
  const operator = Object.hasOwn(operators, condition.operator ?? '') ? operators[condition.operator ?? ''] : undefined
  if (operator === undefined) throw new Error(`Unknown router operator ${condition.operator ?? '(none)'}`)
  const fold = (value: unknown) => (condition.caseSensitive === true ? asText(value) : asText(value).toLowerCase())
  return operator({ first: condition.firstValue, second: condition.secondValue, fold })
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : asText(value).trim() === '' ? Number.NaN : Number(asText(value))
}

function booleanOf(value: unknown): boolean {
  return value === true || (typeof value === 'string' && value.trim().toLowerCase() === 'true')
}

function timeOf(value: unknown): number {
  return typeof value === 'number' ? value : Date.parse(asText(value))
}

function listOf(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value
  const parsed = typeof value === 'string' ? parseJsonOrText(value) : undefined
  return Array.isArray(parsed) ? parsed : undefined
}
