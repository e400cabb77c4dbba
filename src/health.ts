/** How one of the services behind us is; `latencyMs` is that of the last look. */
export interface ServiceHealth {
  state: 'up' | 'down'
  latencyMs: number
  message?: string
}

export const healthParts = ['database', 'engine', 'auth', 'storage'] as const
export type HealthPart = (typeof healthParts)[number]

/** Looks at one service; rejects when it does not do its work. */
export type HealthProbe = () => Promise<void>

const patienceMs = 3000
const freshMs = 1000

/** Looks at all services at once, at most once a second however often it is asked. */
export function healthReporter(probes: Record<HealthPart, HealthProbe>, now = () => performance.now()) {
  let last: { at: number; report: Promise<Record<HealthPart, ServiceHealth>> } | undefined
  return () => {
    if (!last || now() - last.at > freshMs) last = { at: now(), report: look(probes, now) }
    return last.report
  }
}

async function look(
  probes: Record<HealthPart, HealthProbe>,
  now: () => number,
): Promise<Record<HealthPart, ServiceHealth>> {
  const [database, engine, auth, storage] = await Promise.all(healthParts.map((part) => measure(probes[part], now)))
  const unknown: ServiceHealth = { state: 'down', latencyMs: 0 }
  return {
    database: database ?? unknown,
    engine: engine ?? unknown,
    auth: auth ?? unknown,
    storage: storage ?? unknown,
  }
}

async function measure(probe: HealthProbe, now: () => number): Promise<ServiceHealth> {
  const startedAt = now()
  const latency = () => Math.round((now() - startedAt) * 10) / 10
  let timer: NodeJS.Timeout | undefined
  const tooSlow = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`no answer within ${patienceMs} ms`)), patienceMs)
  })
  try {
    await Promise.race([probe(), tooSlow])
    return { state: 'up', latencyMs: latency() }
  } catch (error) {
    return { state: 'down', latencyMs: latency(), message: reason(error) }
  } finally {
    clearTimeout(timer)
  }
}

// Addresses and driver texts stay in the log: the page is public.
function reason(error: unknown): string {
  return error instanceof Error && error.message.startsWith('no answer within')
    ? error.message
    : 'it did not answer as it should'
}

/** A probe that asks an address and takes any 2xx for health. */
export function httpProbe(url: string, headers: Record<string, string> = {}): HealthProbe {
  return async () => {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(patienceMs) })
    await response.body?.cancel()
    if (!response.ok) throw new Error(`${response.status}`)
  }
}
