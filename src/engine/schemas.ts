import { z } from 'zod'

// Lenient on purpose: everything nullable and optional, unknown keys kept (ACTIVEPIECES.md, section 0, "schemas").
const text = z.string().nullish()

export const engineId = z.string().regex(/^[0-9A-Za-z]{21}$/)

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
  id: engineId,
  status: z.string(),
  steps: z.record(z.string(), step).nullish(),
  finishTime: text,
  updated: text,
  pauseMetadata: z.looseObject({ resumeDateTime: text }).nullish().catch(undefined),
  failedStep: z.looseObject({ name: text, displayName: text, message: text }).nullish(),
})
export type RawRun = z.infer<typeof flowRun>

export const flowRunPage = z.looseObject({
  data: z.array(z.looseObject({ id: engineId, tags: z.array(z.string()).nullish() })),
})

/** Inputs of the piece `@activepieces/piece-delay`. */
export const delayInput = z.union([
  z.looseObject({ delayFor: z.coerce.number(), unit: text, delayUntilTimestamp: z.undefined().optional() }),
  z.looseObject({
    delayUntilTimestamp: z.union([z.string(), z.number()]),
    delayFor: z.undefined().optional(),
    unit: text,
  }),
])

export const slice = z.looseObject({ url: z.url(), size: z.number().nullish() })

export const populatedFlow = z.looseObject({
  id: engineId,
  status: text,
  version: z.looseObject({ valid: z.boolean().nullish(), state: text }).nullish(),
})

export const session = z.looseObject({
  token: z.string(),
  projectId: z.string().nullish(),
  platformId: z.string().nullish(),
})

export const projectPage = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })) })

// Shown to people: nothing but a word.
const word = z
  .string()
  .regex(/^[\w.+-]{1,50}$/)
  .nullish()
  .catch(undefined)
const amount = z.number().nullish().catch(undefined)

export const flags = z.looseObject({
  CURRENT_VERSION: word,
  EDITION: word,
  PUBLIC_URL: text.catch(undefined),
  FLOW_RUN_TIME_SECONDS: amount,
  MAX_WEBHOOK_PAYLOAD_SIZE_MB: amount,
  MAX_FILE_SIZE_MB: amount,
  EXECUTION_DATA_RETENTION_DAYS: amount,
})

export const health = z.looseObject({ status: word })

export const said = z.looseObject({ message: text })
