export type JsonObject = Record<string, unknown>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

export function asText(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

export function parseJson(text: string): unknown {
  return JSON.parse(text)
}

/** The parsed value, or the text itself where it is not JSON. */
export function parseJsonOrText(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return text
  }
}
