import { asText, isObject, type JsonObject } from './json.ts'

const token = /\{\{([\s\S]*?)\}\}/g
const onlyToken = /^\s*\{\{([\s\S]*?)\}\}\s*$/
const rootPattern = /^\s*([A-Za-z_$][\w$]*)/
const accessPattern =
  /^\s*(?:\?\.\s*(?=\[)|\??\.\s*([A-Za-z_$][\w$]*))?(?:\[\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(\d+))\s*\])?/

export interface Path {
  root: string
  keys: string[]
}

export interface Resolver {
  /** What a name stands for: a step's value, or undefined. */
  lookup: (name: string) => unknown
  /** Computes what is more than a path, `{{step_1['a'] + 1}}` for one. */
  compute: (expression: string) => Promise<unknown>
}

/** Resolves every `{{…}}` in a value; a string that is one reference keeps the type of what it refers to. */
export async function resolveValue(value: unknown, resolver: Resolver): Promise<unknown> {
  if (typeof value === 'string') return value.includes('{{') ? resolveText(value, resolver) : value
  if (Array.isArray(value)) return Promise.all(value.map((item) => resolveValue(item, resolver)))
  return isObject(value) ? resolveObject(value, resolver) : value
}

export async function resolveObject(source: JsonObject, resolver: Resolver): Promise<JsonObject> {
  const entries = Object.entries(source).map(
    async ([key, value]) => [key, await resolveValue(value, resolver)] as const,
  )
  return Object.fromEntries(await Promise.all(entries))
}

async function resolveText(text: string, resolver: Resolver): Promise<unknown> {
  const whole = onlyToken.exec(text)?.[1]
  if (whole !== undefined && !whole.includes('{{')) return (await evaluate(whole, resolver)) ?? ''
  const parts: string[] = []
  let end = 0
  for (const match of text.matchAll(token)) {
    parts.push(text.slice(end, match.index), asText(await evaluate(match[1] ?? '', resolver)))
    end = match.index + match[0].length
  }
  return parts.join('') + text.slice(end)
}

async function evaluate(expression: string, resolver: Resolver): Promise<unknown> {
  const path = parsePath(expression)
  return path === undefined ? resolver.compute(expression) : follow(resolver.lookup(path.root), path.keys)
}

/** `step_1['a'].b[0]` as its parts; undefined for anything else. */
export function parsePath(expression: string): Path | undefined {
  const root = rootPattern.exec(expression)
  if (root?.[1] === undefined) return undefined
  const keys: string[] = []
  let rest = expression.slice(root[0].length)
  while (rest.trim() !== '') {
    const access = accessPattern.exec(rest)
    if (access === null || access[0].trim() === '') return undefined
    const [, name, single, double, index] = access
    if (name !== undefined) keys.push(name)
    const key = index ?? unescapeKey(single ?? double)
    if (key !== undefined) keys.push(key)
    rest = rest.slice(access[0].length)
  }
  return { root: root[1], keys }
}

function unescapeKey(key: string | undefined): string | undefined {
  return key?.replace(/\\(.)/g, '$1')
}

function follow(value: unknown, keys: string[]): unknown {
  let current = value
  for (const key of keys) {
    // Own properties only: a path never reaches a prototype.
    if (current === undefined || current === null || !Object.hasOwn(Object(current), key)) return undefined
    current = Reflect.get(Object(current), key)
  }
  return current
}
