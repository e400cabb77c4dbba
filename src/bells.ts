import { EventEmitter, once } from 'node:events'
import { type Listening, listen } from './db/notifications.ts'
import type { Bell } from './services/context.ts'

export interface Bells {
  bell(executionId: string): Bell
  close(): Promise<void>
}

/** Wakes the watchers of runs; one database connection, whatever their number. */
export async function openBells(url: string, onError: (error: Error) => void): Promise<Bells> {
  const rings = new EventEmitter().setMaxListeners(0)
  const listening: Listening = await listen({
    url,
    channels: ['studios_events'],
    onNotice: (_, names) => {
      for (const name of names.split(' ')) rings.emit(name)
    },
    onGap: () => {
      for (const name of rings.eventNames()) rings.emit(name)
    },
    onError,
  })
  return { bell: (executionId) => bellOn(rings, executionId), close: () => listening.close() }
}

function bellOn(rings: EventEmitter, executionId: string): Bell {
  let hasRung = false
  const remember = () => {
    hasRung = true
  }
  rings.on(executionId, remember)
  return {
    next: async (timeoutMs, signal) => {
      if (!hasRung)
        await once(rings, executionId, { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) }).catch(
          () => undefined,
        )
      hasRung = false
    },
    close: () => void rings.off(executionId, remember),
  }
}
