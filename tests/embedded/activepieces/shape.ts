const exactKeys = new Set([
  'type',
  'state',
  'environment',
  'schemaVersion',
  'outputType',
  'statusCode',
  'code',
  'error',
])
const freeKeys = new Set(['headers', 'rawBody'])
const any = '<any>'
const countdown = /\d+ seconds/

/** Where an answer departs from the recorded one in keys or types; a recorded null and an empty list allow anything. */
export function findDifferences(recorded: unknown, actual: unknown, isExact: boolean, path = ''): string[] {
  if (recorded === null || recorded === any) return []
  if (Array.isArray(recorded)) return compareLists(recorded, actual, isExact, path)
  if (isRecord(recorded)) return compareObjects(recorded, actual, isExact, path)
  if (typeof recorded !== typeof actual) return [`${path}: ${typeof recorded} expected, ${show(actual)} found`]
  const key = path.split('.').at(-1) ?? ''
  const isCompared = isExact || exactKeys.has(key) || (key === 'status' && !isPassing(path, recorded))
  return isCompared && withoutCountdown(recorded) !== withoutCountdown(actual)
    ? [`${path}: ${show(recorded)} expected, ${show(actual)} found`]
    : []
}

function withoutCountdown(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(countdown, '<n> seconds') : value
}

/** A list caught a run on its way: it may have come further here. */
function isPassing(path: string, recorded: unknown): boolean {
  return typeof recorded !== 'string' || (path.startsWith('.data.') && /^(QUEUED|RUNNING)$/.test(recorded))
}

function compareLists(recorded: unknown[], actual: unknown, isExact: boolean, path: string): string[] {
  if (!Array.isArray(actual)) return [`${path}: a list expected, ${show(actual)} found`]
  if (recorded.length === 0) return []
  if (actual.length === 0) return [`${path}: the list is empty`]
  return findDifferences(recorded[0], actual[0], isExact, `${path}.0`)
}

function compareObjects(recorded: Record<string, unknown>, actual: unknown, isExact: boolean, path: string): string[] {
  if (!isRecord(actual)) return [`${path}: an object expected, ${show(actual)} found`]
  if (any in recorded) return []
  const missing = Object.keys(recorded).filter((key) => !(key in actual))
  const extra = Object.keys(actual).filter((key) => !(key in recorded))
  return [
    ...missing.map((key) => `${path}.${key}: missing`),
    ...extra.map((key) => `${path}.${key}: not in the recording`),
    ...Object.entries(recorded)
      .filter(([key]) => key in actual && !freeKeys.has(key))
      .flatMap(([key, value]) => findDifferences(value, actual[key], isExact, `${path}.${key}`)),
  ]
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function show(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 120) ?? 'nothing'
}
