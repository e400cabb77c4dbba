import { pipeline, type Readable, Transform } from 'node:stream'

const lostLetter = 0xfffd

/**
 * Whether bytes are text in UTF-8: more of the letters beyond the plain alphabet are whole in it than are none, for a stray byte
 * is no reason to read all the others differently. In other encodings hardly any is.
 */
export async function isUtf8(bytes: Readable): Promise<boolean> {
  const decoder = new TextDecoder('utf-8')
  const letters = { whole: 0, lost: 0 }
  for await (const chunk of bytes) countLetters(decoder.decode(chunk, { stream: true }), letters)
  countLetters(decoder.decode(), letters)
  return letters.lost <= letters.whole
}

function countLetters(text: string, letters: { whole: number; lost: number }): void {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === lostLetter) letters.lost += 1
    else if (code > 0x7f) letters.whole += 1
  }
}

/** The same text in UTF-8 as it streams; every byte is a letter of its own in Windows-1252. */
export function fromWindows1252(bytes: Readable): Readable {
  const decoder = new TextDecoder('windows-1252')
  const text = new Transform({ transform: (chunk: Buffer, _, done) => done(null, decoder.decode(chunk)) })
  return pipeline(bytes, text, () => undefined)
}
