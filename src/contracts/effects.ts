import { z } from 'zod'
import { id, line, pageInput, pageOf, timestamp } from './common.ts'
import { branch, updateCompanyInput } from './companies.ts'
import { insight } from './envelope.ts'
import { fileAccess, fileName, tags } from './files.ts'

/** What a run may ask to change; a template's manifest names those of its runs. */
export const effectKinds = ['branch.upsert', 'company.updateContact', 'file.save', 'insight.record'] as const
export const effectKind = z.enum(effectKinds)
export type EffectKind = z.infer<typeof effectKind>

/** How people read a kind. */
export const effectTitles = {
  'branch.upsert': 'Add or update a branch',
  'company.updateContact': "Update the company's contact data",
  'file.save': 'Save a file',
  'insight.record': 'Record an insight',
} as const satisfies Record<EffectKind, string>

const { contactEmail, contactPhone, headquartersAddress } = updateCompanyInput.shape

/** Names of folders from the top of the studio down, as one text. */
const folderPath = z
  .string()
  .max(2000)
  .transform((path) => path.split('/').filter((name) => name.trim() !== ''))
  .pipe(z.array(fileName).max(20))

const saveFile = z
  .strictObject({
    filename: fileName,
    content: z.string().min(1).optional().describe('The content as text; kept in UTF-8.'),
    contentBase64: z.base64().min(1).optional().describe('The content as bytes.'),
    mimeType: z.string().trim().max(100).optional(),
    folder: folderPath.optional().describe('Names of folders with slashes between them; those missing are made.'),
    accessLevel: fileAccess.default('studio'),
    tags: tags.default([]),
  })
  .refine((given) => (given.content === undefined) !== (given.contentBase64 === undefined), {
    error: 'must have either content or contentBase64',
  })

/**
 * What each kind takes. `branch.upsert` finds the branch by its name, upper and lower case alike, and leaves what is not
 * given; `company.updateContact` changes what is given; `file.save` puts a new file into the run's studio.
 */
export const effectArguments = {
  'branch.upsert': z.strictObject(branch.shape),
  'company.updateContact': z
    .strictObject({ contactEmail, contactPhone, headquartersAddress })
    .refine((change) => Object.values(change).some((value) => value !== undefined), 'must change at least one field'),
  'file.save': saveFile,
  'insight.record': insight.extend({ title: line(1, 500) }),
} satisfies Record<EffectKind, z.ZodType>

/** A run's effects beyond this number are refused. */
export const mostEffects = 1000
/** The largest arguments of one effect, as JSON text. */
export const largestArgumentBytes = 256 * 1024
/** The same of one that carries a file: its content and what JSON makes longer have to fit into a callback's 8 MiB. */
export const largestContentBytes = 6 * 1024 * 1024

/** `refused`: not declared, not allowed, or not possible. `failed`: allowed, but it did not work. */
export const effectOutcomes = ['waiting', 'applied', 'refused', 'failed'] as const
export type EffectOutcome = (typeof effectOutcomes)[number]

const json = z.record(z.string(), z.unknown())

/** What an effect changed: the thing's kind, its id or else its name, and its fields before and after. */
export const effectChange = z.object({
  entity: z.string(),
  id: z.string(),
  before: json.nullable().describe('null where the thing is new.'),
  after: json,
})
export type EffectChange = z.infer<typeof effectChange>

/** `userId` is the person with whose rights it was done. */
export const effectResult = effectChange.extend({ userId: id })
export type EffectResult = z.infer<typeof effectResult>

/** One effect of a run; `ordinal` is its place among them, from 1, and the order in which they are applied. */
export const executionEffect = z.object({
  ordinal: z.int(),
  kind: z.string(),
  arguments: json,
  outcome: z.enum(effectOutcomes),
  reason: z.string().nullable().describe('Why it was refused or failed.'),
  result: effectResult.nullable(),
  appliedAt: timestamp.nullable(),
})
export type ExecutionEffect = z.infer<typeof executionEffect>

export const listEffectsInput = z.object({ executionId: id, ...pageInput.shape })
export type ListEffectsInput = z.infer<typeof listEffectsInput>

/** `declared` are the kinds that the run's workflow may use, `items` what the run asked for and what became of it. */
export const executionEffects = z.object({ declared: z.array(z.string()), ...pageOf(executionEffect).shape })
export type ExecutionEffects = z.infer<typeof executionEffects>
