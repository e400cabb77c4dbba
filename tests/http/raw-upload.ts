import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { TestStack } from '../support/stack.ts'
import type { Person } from '../support/world.ts'

const boundary = 'a-boundary-of-a-form'
const crlf = '\r\n'

/** An upload of which the test sends every byte itself. */
export interface RawUpload {
  socket: Socket
  send(text: string | Uint8Array): void
  /** What the server answered, once it has and has ended the connection or given the whole answer. */
  answer: Promise<{ status: number; body: Record<string, unknown> }>
}

export const field = (name: string, value: string) =>
  [`--${boundary}`, `content-disposition: form-data; name="${name}"`, '', value, ''].join(crlf)
export const fileStart = [
  `--${boundary}`,
  'content-disposition: form-data; name="file"; filename="table.csv"',
  'content-type: text/csv',
  '',
  '',
].join(crlf)
export const formEnd = `${crlf}--${boundary}--${crlf}`

/** Begins a request with these headers besides those that a form needs. */
export async function beginRaw(
  { url }: Pick<TestStack, 'url'>,
  person: Person,
  path: string,
  headers: Record<string, string>,
): Promise<RawUpload> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  const all = {
    host: hostname,
    authorization: `Bearer ${person.accessToken}`,
    'content-type': `multipart/form-data; boundary=${boundary}`,
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  socket.write([`POST /api/v1${path} HTTP/1.1`, ...lines, '', ''].join(crlf))
  return { socket, send: (text) => void socket.write(text), answer: answerOn(socket) }
}

/** A part of a body whose length was not announced. */
export function chunk(content: string): string {
  return `${Buffer.byteLength(content).toString(16)}${crlf}${content}${crlf}`
}

async function answerOn(socket: Socket): Promise<{ status: number; body: Record<string, unknown> }> {
  let text = ''
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  socket.on('error', () => undefined).once('close', end)
  socket.on('data', (part) => {
    text += String(part)
    const [head = '', body = ''] = text.split(`${crlf}${crlf}`)
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN)
    if (Buffer.byteLength(body) >= length) end()
  })
  await ended
  const [head = '', body = ''] = text.split(`${crlf}${crlf}`)
  socket.destroy()
  return { status: Number(head.split(' ')[1]), body: body === '' ? {} : JSON.parse(body) }
}
