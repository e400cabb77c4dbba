import { Readable } from 'node:stream'
import { Agent, request } from 'undici'
import { createStudiosClient } from '../src/client.ts'

/** One way of moving a file, repeated; times are those of whole transfers, from the first byte to the last answer. */
export interface Order {
  way: 'bare' | 'bare, synced' | 'floor' | 'form' | 'direct' | 'bare download' | 'download'
  bytes: number
  times: number
  atOnce: number
  url: string
  token: string
  studioId: string
  /** Of the file that is downloaded. */
  file: string
}

export interface Outcome {
  speed: number
  file: string | undefined
}

const dispatcher = new Agent({ connections: 16 })
const chunkBytes = 64 * 1024
let content = Buffer.alloc(0)

/** Looks like a PDF and is as hard to guess as one. */
function contentOf(bytes: number): Buffer {
  if (content.length === bytes) return content
  content = Buffer.alloc(bytes)
  for (let place = 0; place < bytes; place += 4)
    content.writeUInt32LE((place * 2654435761) >>> 0, Math.min(place, bytes - 4))
  content.write('%PDF-1.7\n\0', 0, 'latin1')
  return content
}

function* chunks(...parts: Buffer[]): Generator<Buffer> {
  for (const part of parts)
    for (let start = 0; start < part.length; start += chunkBytes) yield part.subarray(start, start + chunkBytes)
}

async function send(
  url: string,
  method: 'POST' | 'PUT' | 'GET' | 'DELETE',
  headers: Record<string, string>,
  ...body: Buffer[]
) {
  const length = body.reduce((sum, part) => sum + part.length, 0)
  const all = body.length === 0 ? headers : { ...headers, 'content-length': String(length) }
  const options = { method, dispatcher, headers: all, ...(body.length > 0 && { body: Readable.from(chunks(...body)) }) }
  const answer = await request(url, options)
  let received = 0
  let text = ''
  for await (const chunk of answer.body) {
    received += chunk.length
    if (method !== 'GET') text += String(chunk)
  }
  if (answer.statusCode >= 400) throw new Error(`${method} ${url}: ${answer.statusCode} ${text}`)
  return { text, received }
}

const form = (text: string) => Buffer.from(text.replaceAll('\n', '\r\n'))

/** Gives the id of a file that was sent as a form. */
async function move(order: Order, place: number): Promise<string | undefined> {
  const { way, url, token, studioId } = order
  const bytes = contentOf(order.bytes)
  const type = { 'content-type': 'application/pdf' }
  const signedIn = { authorization: `Bearer ${token}` }
  const api = createStudiosClient({ url, accessToken: () => token })
  switch (way) {
    case 'bare':
      await send(`${url}/${place}`, 'POST', type, bytes)
      return undefined
    case 'bare, synced':
      await send(`${url}/${place}?sync=1`, 'POST', type, bytes)
      return undefined
    case 'floor':
      await send(`${url}/`, 'POST', type, bytes)
      return undefined
    case 'bare download':
      return requireAll(await send(`${url}/0`, 'GET', {}), order)
    case 'download': {
      const link = await api.files.downloadLink.mutate({ fileId: order.file })
      return requireAll(await send(link.url, 'GET', {}), order)
    }
    case 'direct': {
      const announced = { studioId, filename: 'bench.pdf', fileSize: bytes.length, mimeType: 'application/pdf' }
      const { uploadId, uploadUrl } = await api.files.beginUpload.mutate(announced)
      await send(uploadUrl, 'PUT', type, bytes)
      await api.files.confirmUpload.mutate({ uploadId })
      return undefined
    }
    case 'form': {
      const size = `--b\ncontent-disposition: form-data; name="size"\n\n${bytes.length}\n`
      const start = `--b\ncontent-disposition: form-data; name="file"; filename="bench.pdf"\ncontent-type: application/pdf\n\n`
      const headers = { ...signedIn, 'content-type': 'multipart/form-data; boundary=b' }
      const path = `/api/v1/studios/${studioId}/files`
      const { text } = await send(`${url}${path}`, 'POST', headers, form(size + start), bytes, form('\n--b--\n'))
      return String(JSON.parse(text).id)
    }
  }
}

function requireAll({ received }: { received: number }, { bytes, way }: Order): undefined {
  if (received !== bytes) throw new Error(`${way}: ${received} of ${bytes} bytes came`)
}

/** Bytes a second, and the last file sent as a form. */
async function run(order: Order): Promise<Outcome> {
  contentOf(order.bytes)
  const startedAt = performance.now()
  const places = Array.from({ length: order.times }, (_, place) => place).values()
  let file: string | undefined
  const worker = async () => {
    for (const place of places) file = await move(order, place)
  }
  await Promise.all(Array.from({ length: order.atOnce }, worker))
  return { speed: (order.bytes * order.times) / ((performance.now() - startedAt) / 1000), file }
}

process.on('message', (order: Order) => {
  run(order).then(
    (outcome) => process.send?.(outcome),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
process.send?.('ready')
