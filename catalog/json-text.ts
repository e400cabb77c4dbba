const lineWidth = 120

/** JSON as the project's formatter writes it: objects one property a line, short lists on one line. */
export function jsonText(value: unknown): string {
  return `${print(value, 0, 0)}\n`
}

function print(value: unknown, depth: number, column: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const pad = '  '.repeat(depth + 1)
  const end = '  '.repeat(depth)
  if (Array.isArray(value)) {
    const flat = value.every(isPlain) ? `[${value.map((item) => JSON.stringify(item)).join(', ')}]` : undefined
    if (value.length === 0 || (flat !== undefined && column + flat.length < lineWidth)) return flat ?? '[]'
    return `[\n${value.map((item) => pad + print(item, depth + 1, pad.length)).join(',\n')}\n${end}]`
  }
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  if (entries.length === 0) return '{}'
  const lines = entries.map(([key, inner]) => {
    const start = `${pad}${JSON.stringify(key)}: `
    return start + print(inner, depth + 1, start.length)
  })
  return `{\n${lines.join(',\n')}\n${end}}`
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null
}
