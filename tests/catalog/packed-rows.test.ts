import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packRows, unpackRows } from '../../catalog/shared/packed-rows.ts'

const row = fc.record({
  name: fc.string(),
  amount: fc.oneof(fc.integer(), fc.constant(null)),
  state: fc.constantFrom('open', 'paid'),
  isVoid: fc.boolean(),
})

test('packed rows are the same rows after their way as JSON', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 50 }), (rows) => {
      expect(unpackRows(JSON.parse(JSON.stringify(packRows(rows))))).toEqual(rows)
    }),
  )
})

test('packed rows hold what repeats once', () => {
  const states = Array.from({ length: 900 }, (_, place) => (place % 3 === 0 ? 'waiting for payment' : 'paid'))
  const rows = states.map((state, line) => ({ line, state }))
  expect(packRows(rows).columns.line).toEqual(rows.map(({ line }) => line))
  expect(packRows(rows).columns.state).toMatchObject({ values: ['waiting for payment', 'paid'] })
  expect(JSON.stringify(packRows(rows)).length).toBeLessThan(JSON.stringify(rows).length / 4)
})
