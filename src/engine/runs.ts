import { z } from 'zod'
import type { EngineRun, PauseAnswer, ResumeOutcome, RetryOutcome } from '../services/workflows/engine.ts'
import { expectAnswer, type SendToEngine } from './http.ts'
import { toEngineRun } from './run.ts'
import { engineId, flowRun, flowRunPage, said } from './schemas.ts'
import type { EngineSession } from './session.ts'
import type { Slices } from './slices.ts'
import { unansweredOutcome } from './starts.ts'

export async function findRun(
  session: EngineSession,
  flowId: string,
  { correlationId, since }: { correlationId: string; since: string },
): Promise<string | undefined> {
  const query = new URLSearchParams({
    projectId: await session.projectId(),
    flowId,
    tags: correlationId,
    createdAfter: since,
    limit: '1',
  })
  const answer = await session.send({ method: 'GET', path: `/flow-runs?${query}` })
  return expectAnswer(answer, flowRunPage, 'the search for the run').data[0]?.id
}

export async function getRun(
  session: EngineSession,
  slices: Slices,
  { runId, resultStep }: { runId: string; resultStep: string },
): Promise<EngineRun | undefined> {
  const answer = await session.send({ method: 'GET', path: `/flow-runs/${engineId.parse(runId)}` })
  if (answer.status === 404) return undefined
  const run = expectAnswer(answer, flowRun, 'a look at the run')
  const step = run.steps?.[resultStep]
  if (run.status !== 'SUCCEEDED' || step?.outputType !== 'slice') return toEngineRun(run)
  const whole = { ...step, outputType: null, output: await slices.fetch(step.output) }
  return toEngineRun({ ...run, steps: { ...run.steps, [resultStep]: whole } })
}

export async function retryRun(session: EngineSession, runId: string): Promise<RetryOutcome> {
  try {
    const body = { strategy: 'FROM_FAILED_STEP', projectId: await session.projectId() }
    const path = `/flow-runs/${engineId.parse(runId)}/retry`
    const { status } = await session.send({ method: 'POST', path, body })
    if (status === 200) return { kind: 'accepted' }
    if (status === 404) return { kind: 'gone', reason: 'the engine does not know the run any more' }
    if (status === 410) return { kind: 'gone', reason: 'the engine has not kept what the run did so far' }
    const reason = `the engine answered with status ${status}`
    // Another refusal: the run has certainly not been taken up.
    return { kind: status >= 500 || status === 408 ? 'unclear' : 'unreachable', reason }
  } catch (error) {
    return unansweredOutcome(error)
  }
}

/** Answers a pause on the engine's own address; the link that a flow published is never called. */
export async function resumeRun(
  http: SendToEngine,
  { runId, waitpointId }: { runId: string; waitpointId: string },
  { action, body }: PauseAnswer,
): Promise<ResumeOutcome> {
  const query = action ? `?action=${action}` : ''
  const path = `/flow-runs/${engineId.parse(runId)}/waitpoints/${engineId.parse(waitpointId)}${query}`
  try {
    const answer = await http({ method: 'POST', path, body })
    if (answer.status === 200) return heard(said.safeParse(answer.body).data?.message ?? '')
    if ([404, 409, 410].includes(answer.status)) return { kind: 'stale' }
    return { kind: 'unclear', reason: `the engine answered with status ${answer.status}` }
  } catch (error) {
    return unansweredOutcome(error)
  }
}

// The engine answers 200 whether or not the waitpoint was still open; only its words tell (ACTIVEPIECES.md, section 2).
function heard(message: string): ResumeOutcome {
  if (/\brecorded\b/i.test(message)) return { kind: 'taken' }
  if (/\bexpired\b|\balready\b/i.test(message)) return { kind: 'stale' }
  return { kind: 'unclear', reason: 'the engine did not say whether it took the answer' }
}

export async function cancelRun(session: EngineSession, runId: string): Promise<void> {
  const body = { projectId: await session.projectId(), flowRunIds: [engineId.parse(runId)] }
  expectAnswer(await session.send({ method: 'POST', path: '/flow-runs/cancel', body }), z.unknown(), 'the cancel')
}
