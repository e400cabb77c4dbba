import type { Engine } from '../services/workflows/engine.ts'
import { isEnabled, publishFlow } from './flows.ts'
import { type EngineHttpOptions, engineHttp } from './http.ts'
import { cancelRun, findRun, getRun, resumeRun, retryRun } from './runs.ts'
import { type EngineAccount, engineSession } from './session.ts'
import { engineSlices } from './slices.ts'
import { startFlow } from './starts.ts'
import { engineStatus } from './status.ts'

export interface ActivePiecesOptions extends EngineHttpOptions {
  account: EngineAccount
  /** Sent in the header that the published flows' triggers check. */
  webhookSecret: string
}

/** The engine port over ActivePieces' REST interface (ACTIVEPIECES.md). */
export function activePieces(options: ActivePiecesOptions): Engine {
  const { send, breaker } = engineHttp(options)
  const session = engineSession(send, options.account)
  const slices = engineSlices(send, options.url)
  return {
    start: (flowId, payload) => startFlow(send, options.webhookSecret, { flowId, payload }),
    findRun: (flowId, correlationId, since) => findRun(session, flowId, { correlationId, since }),
    getRun: (runId, resultStep) => getRun(session, slices, { runId, resultStep }),
    retry: (runId) => retryRun(session, runId),
    resume: (runId, waitpointId, answer) => resumeRun(send, { runId, waitpointId }, answer),
    cancel: (runId) => cancelRun(session, runId),
    isEnabled: (flowId) => isEnabled(session, flowId),
    publish: (flow, flowId) => publishFlow(session, flow, flowId),
    status: () => engineStatus(send, session, breaker),
  }
}
