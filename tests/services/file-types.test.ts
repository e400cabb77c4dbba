import { describe, expect, test } from 'vitest'
import { fileTypes, typeOfEnding } from '../../src/contracts/file-types.ts'
import { meantType, settleType } from '../../src/services/core/files/type-rules.ts'
import { contents } from './file-contents.ts'

const settle = (content: string, declared: string, filename = 'file', allowed: readonly string[] = fileTypes) =>
  settleType(contents[content] ?? Buffer.alloc(0), meantType(declared, filename), allowed)

const word = typeOfEnding['docx'] ?? ''

describe('the type of a file', () => {
  test.for([
    ...['png', 'jpeg', 'gif', 'webp', 'tiff', 'bmp', 'avif', 'heic', 'pdf', 'rtf', 'zip'].map((one) => [one, one]),
    ...[
      'docx',
      'xlsx',
      'pptx',
      'odt',
      'ods',
      'odp',
      'doc',
      'mp3',
      'wav',
      'm4a',
      'mp4',
      'mov',
      'ogg',
      'flac',
      'webm',
    ].map((one) => [one, one]),
    ...['csv', 'json', 'xml'].map((one) => [one, one]),
    ['plainPdf', 'pdf'],
    ['lateTiff', 'tiff'],
    ['lateTiffOfMotorola', 'tif'],
    ['m4v', 'mp4'],
    ['doc', 'xls'],
    ['doc', 'ppt'],
    ['gzip', 'gz'],
    ['latin1', 'csv'],
    ['utf16', 'csv'],
    ['bomCsv', 'csv'],
    ['bmw', 'csv'],
    ['bmw', 'txt'],
    ['json', 'md'],
    ['xml', 'txt'],
  ] as [string, string][])('of %s is what its name’s ending, or the client, says: %s', async ([content, ending]) => {
    const type = typeOfEnding[ending] ?? ''
    expect(await settle(content, '', `file.${ending}`)).toBe(type)
    expect(await settle(content, 'application/octet-stream', `file.${ending.toUpperCase()}`)).toBe(type)
    expect(await settle(content, `${type}; charset=utf-8`)).toBe(type)
  })

  test.for([
    ['png', 'image/png'],
    ['docx', word],
    ['csv', 'text/plain'],
    ['utf16', 'text/plain'],
    ['zip', 'application/zip'],
    ['m4a', 'audio/mp4'],
    ['pdfWithZip', 'application/pdf'],
  ] as [string, string][])('of %s is seen where nobody says it: %s', async ([content, type]) => {
    expect(await settle(content, '')).toBe(type)
  })

  test.for([
    ['text/json', 'file', 'json', 'application/json'],
    ['application/x-zip-compressed', 'file', 'zip', 'application/zip'],
    ['video/x-m4v', 'film.m4v', 'm4v', 'video/mp4'],
    ['audio/x-wav', 'file', 'wav', 'audio/wav'],
    ['image/jpg', 'file', 'jpeg', 'image/jpeg'],
    ['application/vnd.ms-excel', 'export.csv', 'csv', 'text/csv'],
    ['application/zip', 'file.zip', 'docx', 'application/zip'],
    [word, 'file.docx', 'zip', word],
  ] as [string, string, string, string][])(
    '%s for %s with %s in it is kept as %s',
    async ([declared, name, content, type]) => {
      expect(await settle(content, declared, name)).toBe(type)
    },
  )

  test.for([
    ['text/csv', 'pdf', 'application/pdf'],
    ['text/csv', 'zip', 'application/zip'],
    ['text/csv', 'xlsx', typeOfEnding['xlsx']],
    ['text/csv', 'doc', 'application/x-cfb'],
    ['text/plain', 'gif', 'image/gif'],
    ['text/plain', 'noise', 'application/octet-stream'],
    ['text/plain', 'html', 'text/html'],
    ['text/markdown', 'bareScript', 'text/html'],
    ['application/xml', 'svg', 'image/svg+xml'],
    ['text/plain', 'shell', 'text/x-script'],
    ['text/plain', 'exe', 'application/x-msdownload'],
    ['image/png', 'jpeg', 'image/jpeg'],
    ['image/tiff', 'canonRaw', 'image/x-canon-cr2'],
    ['image/gif', 'gifScript', 'text/plain'],
    ['application/zip', 'pdfWithZip', 'application/pdf'],
    ['application/zip', 'jar', 'application/java-archive'],
    ['application/pdf', 'csv', 'text/plain'],
    [word, 'xlsx', typeOfEnding['xlsx']],
    [word, 'odt', typeOfEnding['odt']],
    ['application/msword', 'docx', word],
    ['application/vnd.ms-excel', 'csv', 'text/plain'],
  ] as [string, string, string][])('%s that is really %s is refused with both', async ([declared, content, found]) => {
    await expect(settle(content, declared)).rejects.toMatchObject({
      code: 'UNSUPPORTED_MEDIA_TYPE',
      message: `The file says that it is ${declared}, but its content is ${found}; send it as what it is.`,
    })
  })

  test('a name’s ending counts as what the file says when the client says nothing', async () => {
    await expect(settle('zip', '', 'export.csv')).rejects.toThrow(
      'says that it is text/csv, but its content is application/zip',
    )
  })

  test.for([
    ['text/html', 'html'],
    ['image/svg+xml', 'svg'],
    ['text/javascript', 'csv'],
    ['application/x-msdownload', 'exe'],
    ['', 'elf'],
    ['', 'wasm'],
    ['', 'html'],
    ['', 'svg'],
    ['', 'shell'],
    ['', 'jar'],
    ['', 'noise'],
  ] as [string, string][])(
    '%s with %s in it is never taken, whatever a company allows',
    async ([declared, content]) => {
      await expect(settle(content, declared)).rejects.toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE' })
    },
  )

  test('a GIF with a script in its header stays a GIF', async () => {
    expect(await settle('gifWithScript', 'image/gif')).toBe('image/gif')
  })

  test('that a company does not allow is refused, naming what it allows', async () => {
    const allowed = ['text/csv', 'text/tab-separated-values', 'application/pdf']
    await expect(settle('png', 'image/png', 'a.png', allowed)).rejects.toThrow(
      'Files of the type image/png are not allowed in this company; allowed are every table, application/pdf.',
    )
    await expect(settle('png', '', 'a', allowed)).rejects.toThrow('the type image/png are not allowed')
    expect(await settle('csv', 'text/csv', 'a.csv', allowed)).toBe('text/csv')
  })
})
