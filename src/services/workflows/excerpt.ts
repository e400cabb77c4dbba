const largestBytes = 8192
const mostItems = 10
const mostFields = 30
const longestText = 500
const deepest = 6

/** A value small enough to stand in an event: as it is, or with its long parts cut and the cuts marked. */
export function excerpt(value: unknown): unknown {
  if (isSmall(value)) return value
  const cut = shorten(value, 0)
  return isSmall(cut) ? cut : '(too large to show here)'
}

function isSmall(value: unknown): boolean {
  return value === undefined || Buffer.byteLength(JSON.stringify(value)) <= largestBytes
}

function shorten(value: unknown, depth: number): unknown {
  if (typeof value === 'string') {
    return value.length <= longestText ? value : `${cutText(value)}… (${value.length} characters in all)`
  }
  if (typeof value !== 'object' || value === null) return value
  if (depth === deepest) return '…'
  if (Array.isArray(value)) {
    const shown = value.slice(0, mostItems).map((item) => shorten(item, depth + 1))
    return value.length <= mostItems ? shown : [...shown, `… (${value.length} items in all)`]
  }
  const fields = Object.entries(value)
  const shown = fields.slice(0, mostFields).map(([name, inner]) => [name, shorten(inner, depth + 1)])
  if (fields.length > mostFields) shown.push(['…', `(${fields.length} fields in all)`])
  return Object.fromEntries(shown)
}

function cutText(text: string): string {
  return text.slice(0, longestText).toWellFormed()
}
