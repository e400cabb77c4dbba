import { describe, expect, test } from 'vitest'
import { executionMoves, executionStatuses, hasEnded } from '../../src/contracts/executions.ts'
import { membershipMoves, membershipStatuses } from '../../src/contracts/members.ts'

const tables = [
  { of: 'execution', states: executionStatuses, moves: executionMoves, first: 'pending' },
  { of: 'membership', states: membershipStatuses, moves: membershipMoves, first: 'pending' },
] satisfies { of: string; states: readonly string[]; moves: Record<string, readonly string[]>; first: string }[]

describe.each(tables)('the state table of an $of', ({ states, moves, first }) => {
  const targets = new Map<string, readonly string[]>(Object.entries(moves))

  test('has a row for every state and moves only to states', () => {
    expect(new Set(targets.keys())).toEqual(new Set(states))
    expect([...targets.values()].flat().filter((target) => !states.some((state) => state === target))).toEqual([])
  })

  test('moves from no state to itself and lists no move twice', () => {
    for (const [state, next] of targets) {
      expect(next).not.toContain(state)
      expect(new Set(next).size).toBe(next.length)
    }
  })

  test('reaches every state from the first', () => {
    const reached = new Set<string>([first])
    for (const state of reached) for (const next of targets.get(state) ?? []) reached.add(next)
    expect(reached).toEqual(new Set<string>(states))
  })
})

test('a run has ended in the states that it leaves only by a retry', () => {
  const left = executionStatuses.filter((status) => executionMoves[status].every((next: string) => next === 'pending'))
  expect(executionStatuses.filter(hasEnded)).toEqual(left.filter((status) => status !== 'held'))
})
