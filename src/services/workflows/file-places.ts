import { studioFileFormat } from '../../contracts/template-manifest.ts'
import { badInput } from '../../errors.ts'

type Json = Record<string, unknown>

/** A file that an input names, and where: `file`, or `lists.0.file` further down. */
export interface FileInput {
  property: string
  fileId: string
}

/** A run is given at most this many files. */
export const mostFiles = 100

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * The files that an input names at the places whose format is `studio-file`, at any depth.
 * @throws {DomainError} BAD_REQUEST for more than a run is given.
 */
export function filesIn(schema: unknown, input: unknown): FileInput[] {
  const found = new Map<string, FileInput>()
  for (const file of places(schema, input, [])) found.set(`${file.property} ${file.fileId}`, file)
  if (found.size > mostFiles) badInput([{ path: 'input', message: `names more than the ${mostFiles} files of a run` }])
  return [...found.values()]
}

function* places(schema: unknown, value: unknown, path: string[]): Generator<FileInput> {
  if (!isObject(schema)) return
  if (typeof value === 'string' && schema['format'] === studioFileFormat) {
    const fileId = value.toLowerCase()
    if (uuid.test(fileId)) yield { property: path.join('.'), fileId }
  }
  for (const [name, inner, part] of partsOf(schema, value)) yield* places(inner, part, [...path, name])
  for (const inner of [schema['allOf'], schema['anyOf'], schema['oneOf']].flat()) yield* places(inner, value, path)
}

function partsOf(schema: Json, value: unknown): [name: string, schema: unknown, value: unknown][] {
  if (Array.isArray(value)) {
    const first = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : []
    return value.map((item, place) => [String(place), first[place] ?? schema['items'], item])
  }
  const properties = schema['properties']
  if (!isObject(properties) || !isObject(value)) return []
  return Object.entries(properties).flatMap(([name, inner]) =>
    Object.hasOwn(value, name) ? [[name, inner, value[name]]] : [],
  )
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
