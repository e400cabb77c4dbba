import type { BulkAction } from '../../contracts/bulk.ts'
import { type ExecutionStatus, hasEnded } from '../../contracts/executions.ts'
import type { Tx } from '../../db/client.ts'
import * as work from '../../db/queries/bulk-work.ts'
import { cancelUnstarted, requestCancel, retryFailed } from '../../db/queries/execution-moves.ts'
import { findInputSchema } from '../../db/queries/starts.ts'
import { inputUses, requireFiles } from './file-inputs.ts'
import { checkEditedInput, isSchemaKnown, learnSchema } from './input-check.ts'
import { causeAfter } from './replays.ts'

/**
 * What is done to one run of a bulk operation, in the transaction in which its verdict is written.
 * @throws {DomainError} when the database refuses: the fourth retry, an archived studio, a suspended company.
 */
export const bulkActions: Record<BulkAction, (tx: Tx, item: work.TakenItem) => Promise<work.Decision>> = {
  retry: retryRun,
  cancel: cancelRun,
  replay: replayRun,
}

async function retryRun(tx: Tx, item: work.TakenItem): Promise<work.Decision> {
  const isInLine = await retryFailed(tx, item.executionId, item.options.from ?? 'failed_step')
  return isInLine ? done(null) : refused(await statusOf(tx, item), 'only a failed run is tried again')
}

async function cancelRun(tx: Tx, item: work.TakenItem): Promise<work.Decision> {
  if (await cancelUnstarted(tx, item.executionId)) return done(null)
  if (await requestCancel(tx, item.executionId)) return done('The run is under way; it is being stopped.')
  return refused(await statusOf(tx, item), 'it cannot be cancelled any more')
}

async function replayRun(tx: Tx, item: work.TakenItem): Promise<work.Decision> {
  const run = await work.findReplayable(tx, item.executionId)
  if (!run) throw new Error('a run of a bulk operation has no workflow')
  if (!hasEnded(run.status)) return refused(run.status, 'it can be replayed once it has ended')
  if (item.withoutReplay && (await work.isReplayed(tx, run.id)))
    return { ...refusal, message: 'This run was replayed meanwhile.' }
  if (!run.isOffered) return { ...refusal, message: 'The workflow of this run is not offered any more.' }
  await learn(tx, run)
  const { input, hash, files } = checkEditedInput(run.contentHash, run.inputData, item.options.input ?? {})
  await requireFiles(tx, { companyId: run.companyId, userId: item.userId }, files)
  const { companyId, studioId, templateId, version } = run
  const replay = await work.insertReplay(tx, {
    ...{ companyId, studioId, templateId, templateVersion: version },
    ...{ userId: item.userId, inputData: input, inputHash: hash, filesUsed: inputUses(files) },
    replayOf: item.executionId,
    cause: causeAfter(run),
  })
  const isHeld = replay.status === 'held'
  const message = isHeld ? "The plan's runs for this month are used up; the new run is kept and waits." : null
  return { ...done(message), newExecutionId: replay.id }
}

async function learn(tx: Tx, run: { contentHash: string; templateId: string; version: string }): Promise<void> {
  if (isSchemaKnown(run.contentHash)) return
  const schema = await findInputSchema(tx, run.templateId, run.version)
  if (!schema) throw new Error('a workflow on offer has no version')
  learnSchema(run.contentHash, schema)
}

async function statusOf(tx: Tx, item: work.TakenItem): Promise<ExecutionStatus> {
  const status = await work.findStatus(tx, item.executionId)
  if (!status) throw new Error('a run of a bulk operation is gone')
  return status
}

const refusal = { verdict: 'refused' } as const

function done(message: string | null): work.Decision {
  return { verdict: 'done', message }
}

function refused(status: ExecutionStatus, consequence: string): work.Decision {
  return { ...refusal, message: `This run ${states[status]}; ${consequence}.` }
}

const states = {
  pending: 'waits for its turn',
  held: 'is held',
  running: 'is under way',
  paused: 'is paused',
  succeeded: 'has succeeded',
  failed: 'has failed',
  cancelled: 'was cancelled',
} satisfies Record<ExecutionStatus, string>
