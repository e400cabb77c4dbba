import { largestArgumentBytes, largestContentBytes } from '../../../contracts/effects.ts'
import type { Envelope } from '../../../contracts/envelope.ts'

type Json = Record<string, unknown>

const saving = 'file.save'

/** The largest arguments that an effect of this kind may have, as JSON text. */
export function argumentLimit(kind: string): number {
  return kind === saving ? largestContentBytes : largestArgumentBytes
}

/** The arguments without a file's content: that is the file's own, and not for everybody who may see the run. */
export function withoutContent(kind: string, given: Json): Json {
  if (kind !== saving) return given
  const shown = Object.entries(given).map(([name, value]) => [name, isContent(name) ? noteOn(value) : value])
  return Object.fromEntries(shown)
}

/** A result as it is kept and shown. */
export function withoutContents(result: Envelope): Envelope {
  const effects = result.effects.map((one) => ({ ...one, arguments: withoutContent(one.kind, one.arguments) }))
  return { ...result, effects }
}

/** The same of what a step gave, which may be a result or anything else. */
export function contentsHidden(output: unknown): unknown {
  if (!isObject(output) || !Array.isArray(output['effects'])) return output
  const effects = output['effects'].map((one: unknown) =>
    isObject(one) && isObject(one['arguments'])
      ? { ...one, arguments: withoutContent(String(one['kind']), one['arguments']) }
      : one,
  )
  return { ...output, effects }
}

function isContent(name: string): boolean {
  return name === 'content' || name === 'contentBase64'
}

function noteOn(value: unknown): string {
  const text = String(value)
  return text.startsWith('(') && text.endsWith('not kept here)') ? text : `(${text.length} characters, not kept here)`
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
