import type { Execution } from '../../src/contracts/executions.ts'
import type { DemoFile } from './input.ts'
import { step } from './show.ts'

/** Holds the result against what is known of the file; of an unknown file only that it gave figures at all. */
export function checkFigures(run: Execution, file: DemoFile): void {
  const figures = run.outputData?.data['figures']
  if (typeof figures !== 'object' || figures === null) throw new Error('The result has no figures.')
  const found = new Map(Object.entries(figures))
  const expected = Object.entries(file.expected ?? {})
  for (const [name, right] of expected) {
    const value = found.get(name)
    if (!isSame(value, right))
      throw new Error(`${name}: found ${JSON.stringify(value)}, expected ${JSON.stringify(right)}.`)
  }
  step(
    'checked',
    expected.length > 0
      ? `${expected.length} known figures of this file agree`
      : 'the file is not one whose figures are known',
  )
}

function isSame(value: unknown, right: unknown): boolean {
  if (typeof right === 'object') return JSON.stringify(value) === JSON.stringify(right)
  return (
    value === right ||
    (Number.isFinite(Number(right)) && value !== null && value !== '' && Number(value) === Number(right))
  )
}
