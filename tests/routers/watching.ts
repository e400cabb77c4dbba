import type { ExecutionEvent } from '../../src/contracts/executions.ts'
import type { Person } from '../support/world.ts'

interface WatchOptions {
  lastEventId?: string
  /** Stops watching after the first event of this kind; otherwise the end of the run does. */
  until?(event: ExecutionEvent): boolean
}

/** The events of a run as its watcher receives them, up to its end. */
export function watch(person: Person, executionId: string, options: WatchOptions = {}): Promise<ExecutionEvent[]> {
  const { lastEventId, until } = options
  const events: ExecutionEvent[] = []
  return new Promise((done, fail) => {
    const input = { executionId, ...(lastEventId !== undefined && { lastEventId }) }
    const watching = person.api.executions.watch.subscribe(input, {
      onData: ({ data }) => {
        events.push(data)
        if (!until?.(data)) return
        watching.unsubscribe()
        done(events)
      },
      onComplete: () => done(events),
      onError: fail,
    })
  })
}

/** True of the event that tells of this status. */
export function becomes(status: string) {
  return (event: ExecutionEvent) => event.type === 'status' && event.data['status'] === status
}

/** The states a run went through, in order. */
export function statusesOf(events: ExecutionEvent[]): unknown[] {
  return events.filter(({ type }) => type === 'status').map(({ data }) => data['status'])
}
