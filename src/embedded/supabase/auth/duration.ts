const unitMs: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Reads a duration such as `24h` or `1h30m`; undefined when it is none. */
export function readDurationMs(given: string): number | undefined {
  if (given.length > 50 || !/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(given)) return undefined
  const parts = given.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)
  const total = [...parts].reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ''] ?? 0), 0)
  // Beyond a hundred years a date would not be storable.
  return total <= 100 * 366 * 86_400_000 ? total : undefined
}
