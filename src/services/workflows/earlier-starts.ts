import type { StartExecutionInput, StartedExecution } from '../../contracts/executions.ts'
import { findByIdempotencyKey, findCompanyUsingKey } from '../../db/queries/executions.ts'
import { DomainError } from '../../errors.ts'
import type { ServiceContext } from '../context.ts'
import { inputHash } from './input-check.ts'

/** Where a run comes from. */
export interface Origin {
  source: 'manual' | 'replay'
  replayOf?: string
  cause?: Record<string, unknown>
}

/**
 * The run that was started by the same request with the same key, whatever has become of its workflow; undefined for a new key
 * and for who may start nothing in the company.
 * @throws {DomainError} CONFLICT when another run of the company has the key, one that the caller may not see included.
 */
export function findEarlierStart(
  ctx: ServiceContext,
  request: StartExecutionInput,
  origin: Origin,
): Promise<StartedExecution | undefined> {
  return ctx.read(async (tx) => {
    const { idempotencyKey: key, studioId } = request
    const companyId = key === undefined ? undefined : await findCompanyUsingKey(tx, studioId, key)
    if (key === undefined || companyId === undefined) return undefined
    const found = await findByIdempotencyKey(tx, companyId, key)
    if (!found || !isSameStart(found, request, origin)) return keyIsTaken()
    const { inputHash: _, ...execution } = found
    return { execution, isReplay: true }
  })
}

function isSameStart(
  found: { studioId: string; templateId: string; source: string; replayOf: string | null; inputHash: string },
  { studioId, templateId, input }: StartExecutionInput,
  origin: Origin,
): boolean {
  const isSamePlace = found.studioId === studioId && found.templateId === templateId
  const isSameOrigin = found.source === origin.source && found.replayOf === (origin.replayOf ?? null)
  return isSamePlace && isSameOrigin && found.inputHash === inputHash(input)
}

function keyIsTaken(): never {
  throw new DomainError(
    'CONFLICT',
    'This idempotency key is in use by another run of the company, with another input, studio, workflow or origin; use a new key for a new run.',
  )
}
