import { type FileType, fileKinds, fileTypes, typeOfEnding } from '../../../contracts/file-types.ts'
import { DomainError } from '../../../errors.ts'
import { typeOfContent } from './content-type.ts'

/** Says of bytes that they are bytes. */
export const unknownType = 'application/octet-stream'

/** Other names that programs use for the types that we know. */
const otherNames: Readonly<Record<string, FileType>> = {
  'application/csv': 'text/csv',
  'text/json': 'application/json',
  'text/x-markdown': 'text/markdown',
  'text/yaml': 'application/yaml',
  'text/x-yaml': 'application/yaml',
  'application/x-yaml': 'application/yaml',
  'text/rtf': 'application/rtf',
  'image/jpg': 'image/jpeg',
  'image/x-ms-bmp': 'image/bmp',
  'image/heif': 'image/heic',
  'audio/mp3': 'audio/mpeg',
  'audio/x-wav': 'audio/wav',
  'audio/wave': 'audio/wav',
  'audio/vnd.wave': 'audio/wav',
  'audio/x-m4a': 'audio/mp4',
  'audio/x-flac': 'audio/flac',
  'video/x-m4v': 'video/mp4',
  'application/ogg': 'audio/ogg',
  'application/x-zip-compressed': 'application/zip',
  'application/x-gzip': 'application/gzip',
}

const texts: readonly string[] = [...fileKinds.table, ...fileKinds.text]
const office = [...fileKinds.document, ...fileKinds.spreadsheet, ...fileKinds.presentation]
const packed: readonly string[] = office.filter((type) => /openxmlformats|oasis/.test(type))
const old: readonly string[] = ['application/msword', 'application/vnd.ms-excel', 'application/vnd.ms-powerpoint']

/** Types that a content may be meant as besides its own: what was found of it does not tell them apart. */
const alsoMeant: Readonly<Record<string, readonly string[]>> = {
  'text/plain': texts,
  'application/xml': ['text/xml', 'text/plain'],
  'application/zip': packed,
  'application/x-cfb': old,
  'video/mp4': ['audio/mp4', 'video/quicktime'],
  'video/ogg': ['audio/ogg'],
  'video/matroska': ['video/webm'],
  ...Object.fromEntries(packed.map((type) => [type, ['application/zip']])),
}

/** Whether some company may allow what a file is meant to be; undefined is decided by the content. */
export function isKnown(meant: string | undefined): boolean {
  return meant === undefined || fileTypes.some((type) => type === meant)
}

/**
 * What a file is meant to be: the type that was declared, else the usual one of its name's ending, else undefined. Windows
 * declares tables as Excel's.
 */
export function meantType(declared: string | undefined, filename: string): string | undefined {
  const [bare = ''] = (declared ?? '').toLowerCase().split(';')
  const type = otherNames[bare.trim()] ?? bare.trim()
  const ending = typeOfEnding[/\.([^.]+)$/.exec(filename)?.[1]?.toLowerCase() ?? '']
  if (type === '' || type === unknownType) return ending
  return type === 'application/vnd.ms-excel' && ending && texts.includes(ending) ? ending : type
}

/**
 * The type to keep of a file: the one meant, when its content is of it.
 * @throws {DomainError} UNSUPPORTED_MEDIA_TYPE naming both when it is not, or what is allowed when it is not allowed.
 */
export async function settleType(head: Uint8Array, meant: string | undefined, allowed: readonly string[]) {
  const found = await typeOfContent(head)
  const content = otherNames[found] ?? found
  if (meant !== undefined && meant !== content && !alsoMeant[found]?.includes(meant)) {
    const message = `The file says that it is ${meant}, but its content is ${content}; send it as what it is.`
    throw new DomainError('UNSUPPORTED_MEDIA_TYPE', message)
  }
  return requireAllowed(meant ?? content, allowed)
}

/**
 * What the rest of a file is held against: text stays text to its end, so that nothing packed hides behind its beginning.
 * @throws {DomainError} UNSUPPORTED_MEDIA_TYPE, from the function that it returns.
 */
export function lookFor(type: string, head: Uint8Array): (chunk: Uint8Array) => void {
  const isWide = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)
  if (!texts.includes(type) || isWide) return () => undefined
  return (chunk) => {
    if (!chunk.includes(0)) return
    const message = `The file says that it is ${type}, but further on its content is ${unknownType}; send it as what it is.`
    throw new DomainError('UNSUPPORTED_MEDIA_TYPE', message)
  }
}

/** @throws {DomainError} UNSUPPORTED_MEDIA_TYPE naming the type and what is allowed. */
export function requireAllowed(type: string, allowed: readonly string[]): string {
  if (allowed.includes(type)) return type
  const message = `Files of the type ${type} are not allowed in this company; allowed are ${listed(allowed)}.`
  throw new DomainError('UNSUPPORTED_MEDIA_TYPE', message)
}

function listed(allowed: readonly string[]): string {
  const kinds = Object.entries(fileKinds).flatMap(([kind, types]) => {
    const kept = types.filter((type) => allowed.includes(type))
    return kept.length === types.length ? [`every ${kind}`] : kept
  })
  return kinds.join(', ') || 'none'
}

/** The types that a company's settings allow; all that we know where they say nothing that can be read. */
export function allowedTypes(named: readonly string[] | undefined): readonly FileType[] {
  return named ? fileTypes.filter((type) => named.includes(type)) : fileTypes
}
