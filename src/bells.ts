import { createHash } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { type Listening, listen } from './db/notifications.ts'
import type { Bell } from './services/context.ts'

export interface Bells {
  /** `id` is a run's or a company's. */
  bell(id: string): Bell
  ring(run: { id: string; companyId: string }): void
  close(): Promise<void>
}

/** Wakes the watchers of runs and companies; one database connection, whatever their number. */
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
  return {
    bell: (id) => bellOn(rings, [id, nameOfCompany(id)]),
    ring: ({ id, companyId }) => {
      listening.tell('studios_worker', id)
      listening.tell('studios_events', `${id} ${nameOfCompany(companyId)}`)
    },
    close: () => listening.close(),
  }
}

// A run is called by its id. A company is called by a name made from its id, which tells a listener nothing (0007).
function nameOfCompany(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 32)
}

function bellOn(rings: EventEmitter, names: string[]): Bell {
  const heard = new EventEmitter()
  let hasRung = false
  const ring = () => {
    hasRung = true
    heard.emit('ring')
  }
  for (const name of names) rings.on(name, ring)
  return {
    next: async (timeoutMs, signal) => {
      if (!hasRung)
        await once(heard, 'ring', { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) }).catch(
          () => undefined,
        )
      hasRung = false
    },
    close: () => {
      for (const name of names) rings.off(name, ring)
    },
  }
}
