import type { z } from 'zod'
import type { Role } from '../../../contracts/access.ts'
import type { EffectChange } from '../../../contracts/effects.ts'
import type { Tx } from '../../../db/client.ts'

type Json = Record<string, unknown>

/** Bytes that belong to an effect, and what is said of them. */
export interface EffectContent {
  filename: string
  declaredType: string | undefined
  bytes: Uint8Array
}

/** The same once they are in the storage. */
export interface StoredContent {
  versionId: string
  path: string
  size: number
  type: string
  checksum: string
}

/** Where an effect comes from; its company is locked while it is applied. */
export interface EffectPlace {
  companyId: string
  studioId: string
  executionId: string
  ordinal: number
  /** In whose name it is applied. */
  userId: string
  stored?: StoredContent
}

interface Definition<Arguments> {
  arguments: z.ZodType<Arguments>
  /** The weakest role in the company that whoever started the run has to hold when it is applied. */
  role: Role
  /** For an effect with bytes: they are in the storage before it is applied. */
  contentOf?(given: Arguments): EffectContent
  /** Makes the change and nothing else. @throws {DomainError} where it is not possible, with the reason. */
  apply(tx: Tx, place: EffectPlace, given: Arguments): Promise<EffectChange>
}

export interface EffectRule {
  role: Role
  /** What is wrong with the arguments, in a sentence. */
  faultOf(given: Json): string | undefined
  /** The bytes that have to be stored first, if any. */
  contentOf(given: Json): EffectContent | undefined
  apply(tx: Tx, place: EffectPlace, given: Json): Promise<EffectChange>
}

/** A kind of effect as the registry holds it. */
export function effectRule<Arguments>(definition: Definition<Arguments>): EffectRule {
  return {
    role: definition.role,
    faultOf: (given) => {
      const issues = definition.arguments.safeParse(given).error?.issues ?? []
      const faults = issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '))
      return faults.length > 0 ? `The arguments have faults. ${faults.join('; ')}.` : undefined
    },
    contentOf: (given) => definition.contentOf?.(definition.arguments.parse(given)),
    apply: (tx, place, given) => definition.apply(tx, place, definition.arguments.parse(given)),
  }
}
