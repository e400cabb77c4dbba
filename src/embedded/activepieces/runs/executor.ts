import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { RunContext } from '../context.ts'
import { timestamp } from '../settings.ts'
import { enqueueRun, findRun, type Run, type RunPatch, updateRun } from '../store/runs.ts'
import { closeWaitpoints } from '../store/waitpoints.ts'
import type { Outcome, ResumePayload } from './execution.ts'
import { EngineClosing, FlowTimeout, RunAborted } from './faults.ts'
import { Leg } from './leg.ts'

const resumePayload = z.object({
  body: z.unknown().optional(),
  headers: z.record(z.string(), z.unknown()),
  queryParams: z.record(z.string(), z.unknown()),
})

/** `stopping` ends a run before its next step, `closing` in the middle of one. */
export interface Shutdown {
  stopping: AbortSignal
  closing: AbortSignal
}

/** Executes one leg of a claimed run and writes how it ended; an engine that closes leaves the run as it is. */
export async function executeRun(context: RunContext, run: Run, shutdown: Shutdown): Promise<void> {
  const deadline = new AbortController()
  const { flowTimeoutMs, statusLagMs } = context.settings.limits
  const timer = setTimeout(
    () => deadline.abort(new FlowTimeout(`The run took more than ${flowTimeoutMs} ms`)),
    flowTimeoutMs,
  )
  const signal = AbortSignal.any([shutdown.closing, deadline.signal])
  const started = timestamp(context.settings)
  const leg = new Leg(context, run, { signal, stopping: shutdown.stopping }, readResume(run.resume))
  try {
    const outcome = await leg.walk(context.versions.trigger(run.flowVersionId))
    if (statusLagMs > 0) await sleep(statusLagMs, undefined, { signal })
    end(context, run, leg, { startTime: started, ...patchFor(outcome) })
  } catch (error) {
    const reason: unknown = signal.aborted ? signal.reason : error
    if (reason instanceof EngineClosing) return
    endAbnormally(context, run, leg, started, reason)
  } finally {
    clearTimeout(timer)
  }
}

function readResume(resume: unknown): ResumePayload | undefined {
  if (resume === null) return undefined
  const { body, headers, queryParams } = resumePayload.parse(resume)
  return { body, headers, queryParams }
}

function patchFor(outcome: Outcome): RunPatch {
  switch (outcome.kind) {
    case 'paused':
      return { status: 'PAUSED' }
    case 'failed':
      return { status: 'FAILED', failedStep: outcome.step }
    case 'next':
    case 'stopped':
      return { status: 'SUCCEEDED', failedStep: null }
  }
}

function endAbnormally(context: RunContext, run: Run, leg: Leg, started: string, reason: unknown): void {
  for (const record of leg.journal.running()) leg.journal.forget(record)
  const isExpected = reason instanceof FlowTimeout || reason instanceof RunAborted
  if (!isExpected) context.log.error({ err: reason, runId: run.id }, 'a run ended with an internal error')
  const status = reason instanceof RunAborted ? reason.status : 'INTERNAL_ERROR'
  // A run that timed out keeps the start it had: none, in its first leg.
  const patch = reason instanceof FlowTimeout ? { status: 'TIMEOUT' as const } : { status, startTime: started }
  end(context, run, leg, patch)
}

function end(context: RunContext, run: Run, leg: Leg, patch: RunPatch): void {
  const { database, settings } = context
  const now = timestamp(settings)
  const isPaused = patch.status === 'PAUSED'
  const counted = { stepsCount: leg.stepsCount, logBytes: leg.journal.bytes }
  database.transaction(() => {
    const early = isPaused ? findRun(database, run.id)?.earlyResume : null
    updateRun(database, run.id, { ...patch, ...counted, ...(isPaused ? {} : { finishTime: now, resume: null }) }, now)
    if (!isPaused) closeWaitpoints(database, run.id)
    if (early === null || early === undefined) return
    updateRun(database, run.id, { status: 'QUEUED', resume: early, earlyResume: null }, now)
    enqueueRun(database, run.id)
  })
}
