import { expect, test } from 'vitest'
import { giveBack } from '../../../../src/embedded/supabase/storage/give-back.ts'

test('bytes that have their memory for themselves are empty afterwards', () => {
  const bytes = new Uint8Array(65_536).fill(7)
  giveBack(bytes)
  expect(bytes.byteLength).toBe(0)
})

test('bytes that share their memory stay, and so do the others in it', () => {
  const whole = new Uint8Array(65_536).fill(7)
  for (const part of [whole.subarray(0, 65_535), whole.subarray(1), whole.subarray(8, 8)]) giveBack(part)
  expect(whole.every((byte) => byte === 7)).toBe(true)
  expect(whole.byteLength).toBe(65_536)
})
