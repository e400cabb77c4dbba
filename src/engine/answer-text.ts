// Escapes of what the database stores in no text: the character zero, and halves of surrogate pairs.
const suspicious = /\\u(0000|[dD][89a-fA-F])/

/** Reads an answer: JSON, or else its text. What no database can store is replaced by U+FFFD. */
export function parseAnswer(text: string): unknown {
  if (text === '') return undefined
  try {
    const value: unknown = JSON.parse(text)
    return suspicious.test(text) ? storable(value) : value
  } catch {
    return text
  }
}

function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\uFFFD')
  if (Array.isArray(value)) return value.map(storable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [storable(name), storable(part)]))
}
