import { expect, test } from 'vitest'
import { line, paragraph } from '../../src/contracts/common.ts'

const fits = (text: string) => line(3, 6).safeParse(text).success

test('a line is counted in characters, as the database counts it, after it is trimmed', () => {
  expect(['abc', ' abc ', 'Zoë', '株式会', '🚚🚚🚚'].filter((text) => !fits(text))).toEqual([])
  expect(['', 'ab', ' ab ', '🚚a', '🚚🚚', 'abcdefg'].filter(fits)).toEqual([])
})

test('a line holds no line break, no other control character and no half character', () => {
  expect(['ab\nc', 'ab\tc', 'ab\u0000c', 'ab\u007fc', 'ab\ud83d'].filter(fits)).toEqual([])
})

test('a paragraph may have several lines, but nothing that no database keeps', () => {
  const fitsWhole = (text: string) => paragraph(20).safeParse(text).success
  expect(['', 'one\ntwo\r\n\tthree'].filter((text) => !fitsWhole(text))).toEqual([])
  expect(['a\u0000', 'a\ud83d', 'x'.repeat(21)].filter(fitsWhole)).toEqual([])
})
