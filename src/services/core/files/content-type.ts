import { fileTypeFromBuffer } from 'file-type'

/** So much of a file's beginning is looked at; nothing is unpacked beyond it. */
export const headBytes = 16 * 1024

/** What the beginning of a file shows of it; `application/octet-stream` where it shows nothing. */
export async function typeOfContent(head: Uint8Array): Promise<string> {
  const text = readText(head)
  if (text !== undefined) return typeOfText(text)
  const found = await fileTypeFromBuffer(head).catch(() => undefined)
  return found?.mime.split(';')[0] ?? (isTiff(head) ? 'image/tiff' : 'application/octet-stream')
}

// The directory that says which kind of TIFF it is may stand behind the data, where the beginning does not reach.
function isTiff(head: Uint8Array): boolean {
  return ['II*\0', 'MM\0*'].includes(Buffer.from(head.subarray(0, 4)).toString('latin1'))
}

// Formats that are told by a few letters ("BM", "GIF", "MZ") are none when nothing but text follows.
function typeOfText(text: string): string {
  const start = text.trimStart().slice(0, 4096)
  if (start.startsWith('%PDF-')) return 'application/pdf'
  if (start.startsWith('{\\rtf')) return 'application/rtf'
  if (text.startsWith('#!')) return 'text/x-script'
  const element = firstElement(start)
  if (element === 'svg') return 'image/svg+xml'
  if (pageElements.has(element)) return 'text/html'
  return start.startsWith('<?xml') ? 'application/xml' : 'text/plain'
}

const pageElements = new Set(['html', 'head', 'body', 'script', 'iframe', 'object', 'embed'])

// What stands before a document's first element, comments and declarations, does not hide it.
function firstElement(start: string): string {
  const bare = start.replaceAll(/<!--[\s\S]*?(?:-->|$)|<\?[\s\S]*?(?:\?>|$)|<!doctype(?!\s+html)[^>]*(?:>|$)/gi, '')
  const [, name = ''] = /^\s*<!?(?:doctype\s+)?([a-z]+:)?([a-z]+)\b/i.exec(bare)?.slice(1) ?? []
  return name.toLowerCase()
}

/** The text that bytes are the beginning of, in UTF-8, in UTF-16 with its mark, or in Latin-1; undefined when they are none. */
function readText(head: Uint8Array): string | undefined {
  const [first, second] = head
  const wide =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : undefined
  if (wide) return clean(decode(wide, head.subarray(0, head.length - (head.length % 2))))
  return clean(decode('utf-8', head) ?? Buffer.from(head).toString('latin1'))
}

// Cut off at any byte: a character that is not whole at the end is no fault.
function decode(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true })
  } catch {
    return undefined
  }
}

// Tab, line breaks, form feed and escape occur in honest text; NUL and the other control characters do not.
function clean(text: string | undefined): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text === undefined || /[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]/.test(text) ? undefined : text
}
