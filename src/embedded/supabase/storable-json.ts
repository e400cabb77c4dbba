/** Parses JSON that PostgreSQL can keep: it takes neither NUL nor half a surrogate pair. Throws an Error saying what is wrong. */
export function parseStorableJson(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) => {
    if (isStorable(key) && isStorable(value)) return value
    throw new Error('unsupported character')
  })
}

function isStorable(value: unknown): boolean {
  return typeof value !== 'string' || (value.isWellFormed() && !value.includes('\0'))
}
