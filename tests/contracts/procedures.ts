import type { AnyTRPCProcedure } from '@trpc/server'
import { z } from 'zod'
import { appRouter } from '../../src/routers/index.ts'
import type { Meta } from '../../src/trpc.ts'

/** A procedure as the standing tests walk them. */
export interface ListedProcedure {
  /** Dotted, as clients call it. */
  path: string
  type: 'query' | 'mutation' | 'subscription'
  meta: Meta
  input: z.ZodType
}

const procedures: Record<string, AnyTRPCProcedure> = appRouter._def.procedures as never

export const allProcedures: ListedProcedure[] = Object.entries(procedures).map(([path, { _def }]) => {
  const [input] = _def.inputs
  return {
    path,
    type: _def.type,
    meta: (_def.meta ?? {}) as Meta,
    input: input instanceof z.ZodType ? input : z.void(),
  }
})

/** Procedures that are deliberately served by tRPC alone; the REST side has a route of its own, documented by hand. */
export const withoutRestShape = ['executions.watch', 'executions.watchCompany']
