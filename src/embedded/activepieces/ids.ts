import { randomFillSync } from 'node:crypto'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const length = 21
const pool = Buffer.alloc(4096)
let used = pool.length

export const idPattern = /^[0-9a-zA-Z]{21}$/

/** 21 characters of 0-9A-Za-z, uniform. */
export function newId(): string {
  let id = ''
  while (id.length < length) {
    if (used === pool.length) {
      randomFillSync(pool)
      used = 0
    }
    const index = (pool[used++] ?? 0) & 63
    if (index < alphabet.length) id += alphabet[index]
  }
  return id
}
