import { z } from 'zod'

/** One code step for a worker: compiled source, its input as JSON, and how much it may use. */
export const codeJob = z.object({
  source: z.string(),
  input: z.string(),
  timeoutMs: z.number(),
  stackBytes: z.number(),
  outputChars: z.number(),
})

export const codeResult = z.discriminatedUnion('kind', [
  /** JSON text; absent when the code returned nothing. */
  z.object({ kind: z.literal('output'), output: z.string().optional() }),
  z.object({ kind: z.literal('error'), message: z.string(), stack: z.string() }),
  z.object({ kind: z.enum(['timeout', 'memory', 'output-limit']) }),
])

export type CodeJob = z.output<typeof codeJob>
export type CodeResult = z.output<typeof codeResult>

/** What a worker sends: it is ready for the first job, or it is done with one (and fit for the next or not). */
export const workerMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('done'), result: codeResult, isReusable: z.boolean() }),
])
