import { createHash } from 'node:crypto'
import type { ValidateFunction } from 'ajv/dist/2020.js'
import { BoundedCache } from '../../bounded-cache.ts'
import { largestInputBytes } from '../../contracts/executions.ts'
import { badInput, DomainError } from '../../errors.ts'
import { schemaChecker } from '../../json-schema.ts'
import { editedInput } from './edited-input.ts'
import { type FileInput, filesIn } from './file-places.ts'
import { inputIssues } from './input-issues.ts'
import { requireKeepable } from './keepable.ts'

type Json = Record<string, unknown>

const largestCache = 500
const validators = new BoundedCache<string, ValidateFunction>(largestCache)
const contents = new BoundedCache<string, string>(largestCache)

function compile(schema: Json): ValidateFunction {
  return schemaChecker({ allErrors: true, strict: false, useDefaults: true, verbose: true }).compile(schema)
}

/** Whether the check of this template content is at hand without its schema. */
export function isSchemaKnown(contentHash: string): boolean {
  return validators.get(contentHash) !== undefined
}

/** Keeps the check of a template's input, named by the hash of the template's content. */
export function learnSchema(contentHash: string, schema: Json): void {
  validators.set(contentHash, compile(schema))
}

/** Remembers what content a template had when it was last looked at. */
export function learnContent(templateId: string, contentHash: string): void {
  if (contents.get(templateId) !== contentHash) contents.set(templateId, contentHash)
}

/** An input with the template's defaults filled in, its hash, the files that it names, and the content that it was checked against. */
export interface CheckedInput {
  contentHash: string
  input: Json
  hash: string
  files: FileInput[]
}

/** The same as `checkInput` for a template that was looked at before; undefined also for an input with faults, of which only those hear who may use the template. */
export function checkKnownInput(templateId: string, input: Json): CheckedInput | undefined {
  const contentHash = contents.get(templateId)
  if (contentHash === undefined || !isSchemaKnown(contentHash)) return undefined
  try {
    return checkInput(contentHash, input)
  } catch (error) {
    if (error instanceof DomainError) return undefined
    throw error
  }
}

/**
 * Checks a run's input against its template, fills in defaults and finds the files that it names.
 * @throws {DomainError} BAD_REQUEST with every fault and its path, PAYLOAD_TOO_LARGE over the engine's limit.
 */
export function checkInput(contentHash: string, input: Json): CheckedInput {
  const validate = checkOf(contentHash)
  requireKeepable(input, 'input')
  const hash = inputHash(input)
  const filled = structuredClone(input)
  if (!validate(filled)) badInput(inputIssues(validate.errors ?? []))
  return { contentHash, input: filled, hash, files: filesIn(validate.schema, filled) }
}

/** The same for the input of a run that was there before, with edits laid over it. */
export function checkEditedInput(contentHash: string, own: Json, edits: Json): CheckedInput {
  return checkInput(contentHash, editedInput(checkOf(contentHash).schema, own, edits))
}

function checkOf(contentHash: string): ValidateFunction {
  const validate = validators.get(contentHash)
  if (!validate) throw new Error('the schema was not learnt before the check')
  return validate
}

/** The hash of an input as it was sent, without the defaults of any template. */
export function inputHash(input: Json): string {
  const text = canonical(input)
  const bytes = Buffer.byteLength(text)
  if (bytes > largestInputBytes) {
    const mebibytes = (size: number) => Math.ceil(size / 1024 / 1024)
    const sentence = `The input is ${mebibytes(bytes)} MB; a run takes at most ${mebibytes(largestInputBytes)} MB. Send fewer rows or columns.`
    throw new DomainError('PAYLOAD_TOO_LARGE', sentence)
  }
  return createHash('sha256').update(text).digest('hex')
}

// The order of properties does not make another input.
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
