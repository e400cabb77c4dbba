import { isObject, type JsonObject } from '../json.ts'

export const currentSchemaVersion = '22'

const token = /\{\{([\s\S]*?)\}\}/g
// A bare name: no property of something else, not inside quotes.
const reference = /(^|[^\w$.'"])([A-Za-z_]\w*)(?![\w$'"])/g

/**
 * Brings a flow to schema 22, in which a reference names the output: `{{step_1['x']}}` becomes
 * `{{step_1['output']['x']}}`. Versions before 22 and after it (the nesting was taken back in 23) write it bare;
 * what declares 22 is taken at its word.
 */
export function migrateTrigger(trigger: JsonObject, declaredVersion: string | null | undefined): JsonObject {
  if (declaredVersion === currentSchemaVersion) return trigger
  const names = new Set(stepNames(trigger))
  const rewrite = (value: unknown): unknown => {
    if (typeof value === 'string') return nestReferences(value, names)
    if (Array.isArray(value)) return value.map(rewrite)
    return isObject(value) ? mapObject(value, (child, key) => (key === 'sourceCode' ? child : rewrite(child))) : value
  }
  return mapObject(trigger, rewrite)
}

export function nestReferences(text: string, names: ReadonlySet<string>): string {
  return text.replace(token, (whole, expression: string) => {
    const nested = expression.replace(reference, (found, before: string, name: string) =>
      names.has(name) ? `${before}${name}['output']` : found,
    )
    return nested === expression ? whole : `{{${nested}}}`
  })
}

export function* stepNames(node: unknown): Generator<string> {
  for (const step of walkSteps(node)) if (typeof step['name'] === 'string') yield step['name']
}

/** The trigger and every step below it, loops and branches included. */
export function* walkSteps(node: unknown): Generator<JsonObject> {
  if (!isObject(node)) return
  yield node
  yield* walkSteps(node['firstLoopAction'])
  if (Array.isArray(node['children'])) for (const child of node['children']) yield* walkSteps(child)
  yield* walkSteps(node['nextAction'])
}

export function mapObject(source: JsonObject, change: (value: unknown, key: string) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(source).map(([key, value]) => [key, change(value, key)]))
}
