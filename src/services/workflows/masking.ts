import { filesIn } from './file-places.ts'

type Json = Record<string, unknown>

/** Hides what the input's schema marks as sensitive in anything that is to be told of a run. */
export interface Mask {
  /** In what its steps took and gave, as objects, and in sentences about it, as texts: also what was taken out of a sensitive value. */
  <T>(value: T): T
  /** In what the run made for people to read: the sensitive values themselves. */
  made<T>(value: T): T
}

const hidden = '(hidden)'
const shortestValue = 3
/** Above this, looking for each text inside the sensitive one would take too long: every text in an object is hidden. */
const longestSearched = 100_000

/** Whoever has such a link can answer the pause of a run: it is shown to nobody. */
const resumeLink = /\S*\/waitpoints\/[0-9A-Za-z]{21}\S*/g

/** The link to a file opens it for whoever has it. */
const address = /\bhttps?:\/\/\S+/gi

/** What a run's secrets begin with, so that they are known wherever they stand: those of its links to files and of its callbacks. */
export const fileTokenMark = 'srf_'
export const callbackTokenMark = 'scb_'
const token = new RegExp(`(?:${fileTokenMark}|${callbackTokenMark})[\\w-]{8,}`, 'g')

/** For runs without sensitive input; what opens something is hidden in any case. */
export const hideLinks: Mask = Object.assign(withoutLinks, { made: withoutLinks })

function withoutLinks<T>(value: T): T {
  return replaceTexts(value, (text) => kept(text).replaceAll(resumeLink, hidden).replaceAll(token, hidden)) as T
}

// Without what the database cannot keep: whatever a step gave, the news of it must not fail.
function kept(text: string): string {
  return text.replaceAll('\0', '').toWellFormed()
}

/**
 * Values at places marked `x-sensitive` are hidden wherever they turn up, and so is every text that was taken out of one:
 * a cell of a table that came as one text, say.
 */
export function maskFor(inputSchema: Json, input: Json): Mask {
  const texts = sensitiveTexts(inputSchema, input).filter((text) => text.length >= shortestValue)
  const isFileRead = filesIn(inputSchema, input).length > 0
  if (texts.length === 0 && !isFileRead) return hideLinks
  // What a file holds is not known here.
  const isAllHidden = isFileRead || texts.some((text) => text.length > longestSearched)
  const inObject = (text: string) => hideIn(text, texts, isAllHidden)
  const inSentence = (text: string) => {
    const shown = hideIn(text, texts, false)
    return isFileRead ? shown.replaceAll(address, hidden) : shown
  }
  const shown = <T>(value: T, hide: (text: string) => string) => withoutLinks(replaceTexts(value, hide) as T)
  return Object.assign(<T>(value: T) => shown(value, typeof value === 'string' ? inSentence : inObject), {
    made: <T>(value: T) => shown(value, (text) => withoutTexts(text, texts)),
  })
}

function sensitiveTexts(schema: Json, value: unknown): string[] {
  if (value === undefined || value === null) return []
  if (schema['x-sensitive'] === true) return leaves(value)
  if (Array.isArray(value)) {
    const { items } = schema
    return isObject(items) ? value.flatMap((item) => sensitiveTexts(items, item)) : []
  }
  const { properties } = schema
  if (!isObject(properties) || !isObject(value)) return []
  return Object.entries(properties).flatMap(([name, inner]) =>
    isObject(inner) ? sensitiveTexts(inner, value[name]) : [],
  )
}

function leaves(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number') return [String(value)]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(leaves)
}

function hideIn(text: string, texts: string[], isAllHidden: boolean): string {
  if (text.length < shortestValue) return text
  if (isAllHidden || texts.some((sensitive) => sensitive.includes(text))) return hidden
  return withoutTexts(text, texts)
}

function withoutTexts(text: string, texts: string[]): string {
  return texts.reduce((shown, sensitive) => shown.replaceAll(sensitive, hidden), text)
}

function replaceTexts(value: unknown, hide: (text: string) => string): unknown {
  if (typeof value === 'string') return hide(value)
  if (typeof value === 'number') return hide(String(value)) === String(value) ? value : hidden
  if (Array.isArray(value)) return value.map((item) => replaceTexts(item, hide))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [kept(name), replaceTexts(inner, hide)]))
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
