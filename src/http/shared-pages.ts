import { createHash } from 'node:crypto'
import { type FileKind, fileKinds } from '../contracts/file-types.ts'
import type { SharedFile, SharedFolder } from '../contracts/sharing.ts'

const style = `
body { font: 1.05rem/1.5 system-ui, sans-serif; color: #1b1b1b; background: #f4f4f2; margin: 0; padding: 2rem 1rem; }
main { max-width: 32rem; margin: 0 auto; padding: 1.5rem; background: #fff; border: 1px solid #8a8a8a; border-radius: 0.5rem; }
h1 { font-size: 1.35rem; margin: 0 0 1rem; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1rem; }
dt { color: #555; } dd { margin: 0; }
label { display: block; margin: 1rem 0 0.25rem; }
input { font: inherit; box-sizing: border-box; width: 100%; padding: 0.5rem; }
button { font: inherit; margin-top: 1.25rem; padding: 0.6rem 1.5rem; color: #fff; background: #1f4fd8; border: 0; border-radius: 0.3rem; }
:focus-visible { outline: 3px solid #d17a00; outline-offset: 2px; }
[role="alert"] { padding: 0.6rem 0.9rem; background: #fdecea; border-left: 4px solid #b3261e; }
`

/** Nothing is loaded, run or framed; what is filled in goes back to this server alone. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`

const kinds: Record<FileKind, string> = {
  table: 'Table',
  text: 'Text',
  document: 'Document',
  spreadsheet: 'Spreadsheet',
  presentation: 'Presentation',
  image: 'Image',
  audio: 'Audio',
  video: 'Video',
  archive: 'Archive',
}

export interface Shown {
  /** What leads from the address of this page to those that its form is sent to. */
  base: string
  /** What went wrong with the try before. */
  problem?: string
}

/** What a link leads to, with a form for getting it. */
export function linkPage(link: SharedFile | SharedFolder, shown: Shown): string {
  return 'filename' in link ? filePage(link, shown) : folderPage(link, shown)
}

function filePage(file: SharedFile, shown: Shown): string {
  const facts = [
    ['Size', sizeForPeople(file.fileSize)],
    ['Kind', kindOf(file.mimeType)],
    ['Available until', momentForPeople(file.expiresAt)],
  ]
  const list = facts.map(([name, value]) => `<dt>${name}</dt><dd>${escaped(value ?? '')}</dd>`).join('')
  const form = `<form method="post" action="${escaped(shown.base)}download">${passwordField(file)}<button>Download</button></form>`
  const name = `<bdi>${escaped(file.filename)}</bdi>`
  return page(file.filename, `<h1>${name}</h1>${alert(shown)}<dl>${list}</dl>${form}`)
}

function folderPage(folder: SharedFolder, shown: Shown): string {
  const title = folder.label ?? 'Send a file'
  const until = `<p>Until ${escaped(momentForPeople(folder.expiresAt))} you can send files of up to ${sizeForPeople(folder.largestFileSize)}, one at a time. You will not see what others have sent.</p>`
  const field = '<label for="file">File</label><input id="file" name="file" type="file" required>'
  const form = `<form method="post" enctype="multipart/form-data" action="${escaped(shown.base)}files">${passwordField(folder)}${field}<button>Send</button></form>`
  return page(title, `<h1><bdi>${escaped(title)}</bdi></h1>${alert(shown)}${until}${form}`)
}

export function receivedPage(file: { filename: string; fileSize: number }): string {
  const told = `<p><bdi>${escaped(file.filename)}</bdi> (${sizeForPeople(file.fileSize)}) has arrived.</p>`
  return page('Thank you', `<h1>Thank you</h1>${told}`)
}

export function refusalPage(messages: string[]): string {
  const told = messages.map((message) => `<p>${escaped(message)}</p>`).join('')
  return page('This did not work', `<h1>This did not work</h1><div role="alert">${told}</div>`)
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<title>${escaped(title)}</title><style>${style}</style></head><body><main>${content}</main></body></html>
`
}

function passwordField({ needsPassword }: { needsPassword: boolean }): string {
  if (!needsPassword) return ''
  return '<label for="password">Password</label><input id="password" name="password" type="password" required maxlength="200" autocomplete="off">'
}

function alert({ problem }: Shown): string {
  return problem ? `<p role="alert">${escaped(problem)}</p>` : ''
}

function kindOf(type: string): string {
  const known = Object.entries(fileKinds).find(([, types]) => types.some((one) => one === type))
  const kind = known && kinds[known[0] as FileKind]
  return kind ? `${kind} (${type})` : type
}

function sizeForPeople(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? '1 byte' : `${bytes} bytes`
  const [unit, size] = bytes < 1024 * 1024 ? ['KB', bytes / 1024] : ['MB', bytes / (1024 * 1024)]
  return `${Number(size.toFixed(1))} ${unit}`
}

const moments = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })

function momentForPeople(at: string): string {
  return `${moments.format(new Date(at))} UTC`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`)
}
