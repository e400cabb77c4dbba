import { z } from 'zod'
import { businessArea, complexityLevel, line } from './common.ts'
import { effectKind } from './effects.ts'

/** Large enough for about 20 MB of CSV text: the longest `maxLength` an inline text may declare. */
export const largestInlineText = 20_000_000

/** The `format` of a text that is the id of a file in a studio: a run gets a link to that file. */
export const studioFileFormat = 'studio-file'

const stepName = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'must be a step name of the flow')

/** One property of a workflow's input: JSON Schema 2020-12 with what a form needs to show it. */
export const inputProperty = z.looseObject({
  type: z.enum(['string', 'integer', 'number', 'boolean', 'array', 'object']),
  title: line(1, 100),
  description: z.string().min(10).max(1000),
  examples: z.array(z.unknown()).min(1),
  maxLength: z.int().max(largestInlineText).optional(),
  format: z.string().optional(),
  /** The value may hold personal data: it is not shown in logs. */
  'x-sensitive': z.boolean().optional(),
})

export const inputSchema = z.looseObject({
  $schema: z.literal('https://json-schema.org/draft/2020-12/schema'),
  type: z.literal('object'),
  properties: z.record(z.string(), inputProperty),
  required: z.array(z.string()).default([]),
  additionalProperties: z.literal(false),
})

export const outputSchema = z.looseObject({
  $schema: z.literal('https://json-schema.org/draft/2020-12/schema'),
  type: z.literal('object'),
  properties: z.record(z.string(), z.unknown()),
})

/** A step as the people who watch a run read it; `name` is the step's name in the flow. */
export const manifestStep = z.object({ name: stepName, title: line(3, 100), explanation: z.string().min(10).max(500) })

/** What `catalog/<slug>/template.json` says of a workflow. */
export const templateManifest = z.strictObject({
  slug: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    .max(100),
  name: line(3, 200),
  description: z.string().trim().min(10).max(1000),
  valueProposition: z.string().trim().min(10).max(1000),
  businessArea,
  category: line(2, 100),
  complexityLevel,
  tags: z.array(line(2, 50)).min(1).max(20),
  /** Semantic version; every change of the folder's content raises it. */
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'must be a version such as 1.0.0'),
  steps: z.array(manifestStep).min(1),
  /** What the user must bring, a sentence each. */
  needs: z.array(z.string().min(5).max(300)).min(1),
  inputSchema,
  /** Describes `data` of the result envelope. */
  outputSchema,
  estimatedDurationMinutes: z.int().min(1),
  minutesSavedPerRun: z.int().min(0),
  minutesSavedBasis: line(10, 500),
  /** Kinds of effect that a run may ask for; none when it only reports. */
  effects: z.array(effectKind),
  /** The flow step whose output is the envelope. */
  resultStep: stepName,
})
export type TemplateManifest = z.infer<typeof templateManifest>
