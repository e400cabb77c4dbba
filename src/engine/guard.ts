import {
  BrokenCircuitError,
  bulkhead,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  noJitterGenerator,
  retry,
} from 'cockatiel'
import type { EngineStatusReport } from '../services/workflows/engine.ts'
import { isNetworkFailure, isTimeout } from './failures.ts'

const mostCalls = 20
const mostWaiting = 200
const failuresToOpen = 5

type Answer = { status: number }

/** What keeps an engine in trouble from drawing the service into it. */
export interface Guard {
  /** Makes a call, of those at once at most 20; `isSafe` ones are made up to twice again when they fail on their way. */
  run<T extends Answer>(isSafe: boolean, call: () => Promise<T>): Promise<T>
  state(): EngineStatusReport['breaker']
}

/**
 * After five failures in a row calls fail at once: for `openForMs`, then twice as long up to six times, and between
 * those times one call is let through to see.
 */
export function engineGuard(openForMs: number): Guard {
  const failing = handleWhen(isNetworkFailure).orWhenResult((answer) => statusOf(answer) >= 500)
  const breaker = circuitBreaker(failing, {
    breaker: new ConsecutiveBreaker(failuresToOpen),
    halfOpenAfter: new ExponentialBackoff({
      generator: noJitterGenerator,
      initialDelay: openForMs,
      maxDelay: 6 * openForMs,
    }),
  })
  const slots = bulkhead(mostCalls, mostWaiting)
  // A slow engine gets no faster by being asked again: a time-out is not repeated.
  const passing = handleWhen((error) => isNetworkFailure(error) && !isTimeout(error)).orWhenResult((answer) =>
    [502, 503, 504].includes(statusOf(answer)),
  )
  const retrying = retry(passing, {
    maxAttempts: 2,
    backoff: new ExponentialBackoff({ initialDelay: 100, maxDelay: 1000 }),
  })
  const once = <T extends Answer>(call: () => Promise<T>) =>
    breaker.execute(() =>
      slots.execute(() => {
        // Those who waited for a slot meanwhile.
        if (breaker.state === CircuitState.Open) throw new BrokenCircuitError()
        return call()
      }),
    )
  return {
    run: (isSafe, call) => (isSafe ? retrying.execute(() => once(call)) : once(call)),
    state: () => states[breaker.state],
  }
}

const states = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Isolated]: 'open',
} as const satisfies Record<CircuitState, string>

function statusOf(answer: unknown): number {
  return typeof answer === 'object' && answer !== null && 'status' in answer ? Number(answer.status) : 0
}
