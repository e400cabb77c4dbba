import { crc32, deflateRawSync, gzipSync } from 'node:zlib'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const padded = (start: string | Buffer, length = 600) =>
  Buffer.concat([Buffer.from(start as Buffer), Buffer.alloc(length)])

/** A zip archive with these entries, packed. */
export function zip(entries: Record<string, string | Buffer>): Buffer {
  let offset = 0
  const central: Buffer[] = []
  const local = Object.entries(entries).map(([name, content]) => {
    const plain = Buffer.from(content as string)
    const isPlain = name === 'mimetype'
    const packed = isPlain ? plain : deflateRawSync(plain)
    const head = Buffer.alloc(26)
    head.writeUInt16LE(20, 0)
    head.writeUInt16LE(isPlain ? 0 : 8, 4)
    head.writeUInt32LE(crc32(plain), 10)
    head.writeUInt32LE(packed.length, 14)
    head.writeUInt32LE(plain.length, 18)
    head.writeUInt16LE(name.length, 22)
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    central.push(Buffer.concat([bytes('PK\x01\x02\x14\0'), head, place, bytes(name)]))
    const entry = Buffer.concat([bytes('PK\x03\x04'), head, bytes(name), packed])
    offset += entry.length
    return entry
  })
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(central.length, 4)
  end.writeUInt16LE(central.length, 6)
  end.writeUInt32LE(directory.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...local, directory, bytes('PK\x05\x06'), end])
}

function office(part: string, kind: string): Buffer {
  const type = `application/vnd.openxmlformats-officedocument.${kind}.main+xml`
  const types = `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/${part}" ContentType="${type}"/></Types>`
  return zip({ '[Content_Types].xml': types, '_rels/.rels': '<x/>', [part]: '<x/>' })
}

const openDocument = (kind: string) =>
  zip({ mimetype: `application/vnd.oasis.opendocument.${kind}`, 'content.xml': '<office:document-content/>' })

const box = (brand: string) => padded(bytes(`\0\0\0\x18ftyp${brand}\0\0\0\0${brand}isom`))

/** Contents as programs write them, by what they are. */
export const contents: Record<string, Buffer> = {
  png: Buffer.concat([
    bytes('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\0IEND\xaeB`\x82'),
  ]),
  jpeg: padded(bytes('\xff\xd8\xff\xe0\0\x10JFIF\0\x01')),
  gif: padded(bytes('GIF89a\x01\0\x01\0\x80\0\0')),
  webp: padded(bytes('RIFF\x24\0\0\0WEBPVP8 ')),
  tiff: padded(bytes('II*\0\x08\0\0\0\0\0')),
  // As scanners write them: the directory, which says what the data is, stands behind it.
  lateTiff: padded(bytes('II*\0\0\0\x01\0'), 20_000),
  lateTiffOfMotorola: padded(bytes('MM\0*\0\x01\0\0'), 20_000),
  canonRaw: padded(bytes('II*\0\x10\0\0\0CR\x02\0')),
  bmp: padded(bytes('BM\x46\0\0\0\0\0\0\0\x36\0\0\0')),
  avif: box('avif'),
  heic: box('heic'),
  pdf: bytes('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n'),
  plainPdf: bytes('%PDF-1.4\n1 0 obj\n<<>>\nendobj\n'),
  rtf: bytes('{\\rtf1\\ansi Hello}'),
  zip: zip({ 'a.txt': 'hello' }),
  docx: office('word/document.xml', 'wordprocessingml.document'),
  xlsx: office('xl/workbook.xml', 'spreadsheetml.sheet'),
  pptx: office('ppt/presentation.xml', 'presentationml.presentation'),
  odt: openDocument('text'),
  ods: openDocument('spreadsheet'),
  odp: openDocument('presentation'),
  doc: padded(bytes('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')),
  mp3: padded(bytes('ID3\x04\0\0\0\0\0\x04\0\0\0\0\xff\xfb\x90\x64')),
  wav: padded(bytes('RIFF\x24\0\0\0WAVEfmt ')),
  m4a: box('M4A '),
  mp4: box('isom'),
  m4v: box('M4V '),
  mov: box('qt  '),
  ogg: padded(bytes(`OggS\0\x02${'\0'.repeat(20)}\x01\x1e\x01vorbis`)),
  flac: padded(bytes('fLaC\0\0\0\x22')),
  webm: padded(bytes('\x1a\x45\xdf\xa3\x93\x42\x86\x81\x01\x42\xf7\x81\x01\x42\x82\x84webm')),
  gzip: gzipSync('hello'),
  csv: bytes('name,value\nA,1\n'),
  json: bytes('{"a": 1}'),
  xml: bytes('<?xml version="1.0"?><report/>'),
  latin1: bytes('Stra\xdfe;M\xfcnchen\n'),
  utf16: Buffer.concat([bytes('\xff\xfe'), Buffer.from('Straße;München\n', 'utf16le')]),
  bomCsv: Buffer.from('\ufeffname;ort\n'),
  bmw: bytes('BMW,VW\n1,2\n'),
  html: bytes('\n <!-- hi -->\n<!DOCTYPE html><title>x</title>'),
  bareScript: bytes('<script>alert(1)</script>'),
  svg: bytes('<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "x" "y">\n<svg onload="alert(1)"/>'),
  shell: bytes('#!/bin/sh\nrm -rf /\n'),
  exe: padded(bytes('MZ\x90\0\x03\0\0\0')),
  elf: padded(bytes('\x7fELF\x02\x01\x01')),
  wasm: padded(bytes('\0asm\x01\0\0\0')),
  jar: zip({ 'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\n', 'A.class': 'x' }),
  noise: Buffer.from(Array.from({ length: 400 }, (_, place) => (place * 7919) % 256)),
  gifScript: bytes('GIF89a=1;/*\n*/alert(1)//'),
  gifWithScript: Buffer.concat([bytes('GIF89a\x2f\x2a\x01\0\x80\0\0'), bytes('*/=1;alert(1)'), Buffer.alloc(64)]),
  pdfWithZip: Buffer.concat([bytes('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n'), zip({ 'a.js': 'alert(1)' })]),
}
