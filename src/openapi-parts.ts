import { z } from 'zod'

/** Parts of the operations that are described by hand. */
export const errors = { default: { $ref: '#/components/responses/error' } }
export const uuid = { type: 'string', format: 'uuid' }
export const pathId = (name: string) => ({ name, in: 'path', required: true, schema: uuid })
export const signedIn = [{ Authorization: [] }]

export function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io })
  return rest
}
