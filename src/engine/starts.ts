import { EngineUnavailable, type StartOutcome, type StartPayload } from '../services/workflows/engine.ts'
import { NotSent } from './failures.ts'
import type { SendToEngine } from './http.ts'

const webhookSecretHeader = 'x-studios-engine-secret'

/** Starts a flow through its webhook, once: the engine knows no idempotency, so nothing here repeats it. */
export async function startFlow(
  http: SendToEngine,
  secret: string,
  { flowId, payload }: { flowId: string; payload: StartPayload },
): Promise<StartOutcome> {
  try {
    const headers = { [webhookSecretHeader]: secret }
    const { status } = await http({ method: 'POST', path: `/webhooks/${flowId}`, headers, json: jsonOf(payload) })
    return outcomeOf(status)
  } catch (error) {
    return unansweredOutcome(error)
  }
}

function jsonOf({ input, ...rest }: StartPayload): string {
  return `{"input":${input},${JSON.stringify(rest).slice(1)}`
}

/** What is known of a call that was not answered: nothing, or that it never went out. */
export function unansweredOutcome(error: unknown): { kind: 'unreachable' | 'unclear'; reason: string } {
  if (error instanceof NotSent) return { kind: 'unreachable', reason: reasonOf(error) }
  if (error instanceof EngineUnavailable) return { kind: 'unclear', reason: reasonOf(error) }
  throw error
}

function outcomeOf(status: number): StartOutcome {
  if (status === 200) return { kind: 'accepted' }
  if (status === 429) return { kind: 'unreachable', reason: 'the engine has too much to do at the moment' }
  if (status >= 500 || status === 408) return { kind: 'unclear', reason: `the engine answered with status ${status}` }
  return { kind: 'refused', reason: refusals[status] ?? `the engine refused the start with status ${status}` }
}

const refusals: Record<number, string> = {
  404: 'the workflow is switched off at the engine',
  410: 'the workflow is missing at the engine',
  413: 'the input is larger than the engine takes',
}

// Reasons stand within a sentence.
function reasonOf({ message }: Error): string {
  return `${message.charAt(0).toLowerCase()}${message.slice(1).replace(/\.$/, '')}`
}
