import type { EngineOptions } from '../../../src/embedded/activepieces/index.ts'

/** What was done to the recorded server, or waited for, before an exchange. */
interface Cue {
  /** The engine starts again on its data, with these options until the next change. */
  engine?: Pick<EngineOptions, 'workers' | 'limits'>
  /** The state that the run has reached by then. */
  awaits?: string
  /** How often the same is asked; the last answer is the recorded one. */
  times?: number
  /** Further headers of the request. */
  headers?: Record<string, string>
}

/** The first code step after a start takes its time. */
const patient = { webhookTimeoutMs: 800 }
// A run keeps its worker meanwhile: there have to be enough of them for the runs before.
const slowStatus = { engine: { workers: 8, limits: { ...patient, statusLagMs: 400 } } }
const asUsual = { engine: {} }
const workersDown = { engine: { workers: 0 } }
/** Not the caller that signed in before: its minute is another one. */
const anotherCaller = { headers: { 'x-real-ip': '192.0.2.1' } }

export const cues: Record<string, Cue> = {
  'B sync trigger: responds then waits': slowStatus,
  'create flow Delay': asUsual,
  'B2 sync trigger': slowStatus,
  'create flow No response step': asUsual,
  'B sync trigger': slowStatus,
  'B resume (sync) once the run is PAUSED': { awaits: 'PAUSED' },
  'create flow Respond and continue': { engine: { limits: patient } },
  'worker down: async': workersDown,
  'worker back: list': asUsual,
  'worker down 2: async 0': workersDown,
  'FLOW_TIMEOUT 4 s: trigger a 20 s flow': { engine: { limits: { flowTimeoutMs: 600 } } },
  'sign-in 0': anotherCaller,
  'sign-in 49': { ...anotherCaller, times: 49 },
  'sign-in 50': anotherCaller,
}
