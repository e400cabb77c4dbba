import { z } from 'zod'
import { parseJson } from '../json.ts'

export const flag = z.number().transform((value) => value !== 0)
export const jsonColumn = z.string().transform(parseJson)
export const nullableJson = z
  .string()
  .nullable()
  .transform((text) => (text === null ? null : parseJson(text)))
export const count = z.object({ count: z.number() })
