import { z } from 'zod'

// Lenient on purpose: everything nullable and optional, unknown keys kept (ACTIVEPIECES.md, section 0, "schemas").
const text = z.string().nullish()

export const flowId = z.string().regex(/^[0-9A-Za-z]{21}$/)

export const step = z.looseObject({
  type: text,
  status: text,
  input: z.unknown().optional(),
  output: z.unknown().optional(),
  outputType: text,
  duration: z.number().nullish(),
  errorMessage: z.unknown().optional(),
})
export type RawStep = z.infer<typeof step>

export const flowRun = z.looseObject({
  id: flowId,
  status: z.string(),
  steps: z.record(z.string(), step).nullish(),
  finishTime: text,
  failedStep: z.looseObject({ name: text, displayName: text, message: text }).nullish(),
})
export type RawRun = z.infer<typeof flowRun>

export const flowRunPage = z.looseObject({
  data: z.array(z.looseObject({ id: flowId, tags: z.array(z.string()).nullish() })),
})

export const slice = z.looseObject({ url: z.url(), size: z.number().nullish() })

export const populatedFlow = z.looseObject({
  id: flowId,
  status: text,
  version: z.looseObject({ valid: z.boolean().nullish(), state: text }).nullish(),
})

export const session = z.looseObject({
  token: z.string(),
  projectId: z.string().nullish(),
  platformId: z.string().nullish(),
})

export const projectPage = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })) })
