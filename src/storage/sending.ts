import * as http from 'node:http'
import * as https from 'node:https'
import { text } from 'node:stream/consumers'

/** An answer that is no stream: few words, or a refusal. */
export interface Answer {
  status: number
  text: string
}

type Send = (url: string, headers: Record<string, string>, bytes: AsyncIterable<Uint8Array>) => Promise<Answer>

const connectMs = 5000
const idleMs = 120_000

/**
 * Sends a body piece by piece over connections of its own: each piece is asked for once the system has taken the one before, so
 * that whoever made that may use its memory again. (undici tells nobody when a piece is gone.)
 */
export function openSender(): Send {
  const options = { keepAlive: true }
  const [plain, secure] = [new http.Agent(options), new https.Agent(options)]
  return (url, headers, bytes) => {
    const call = { method: 'POST', headers, timeout: connectMs }
    const request = url.startsWith('https:')
      ? https.request(url, { ...call, agent: secure })
      : http.request(url, { ...call, agent: plain })
    request.on('socket', (socket) => {
      if (socket.connecting) socket.once('connect', () => socket.setTimeout(idleMs))
      else socket.setTimeout(idleMs)
    })
    request.on('timeout', () => request.destroy(new Error('The file storage took nothing and said nothing.')))
    return exchange(request, bytes)
  }
}

async function exchange(request: http.ClientRequest, bytes: AsyncIterable<Uint8Array>): Promise<Answer> {
  const answered = answerTo(request)
  const isOver = answered.then(
    () => true,
    () => true,
  )
  try {
    const isWhole = await sendAll(request, bytes, isOver)
    if (isWhole) request.end()
    const answer = await answered
    // What was refused before its end leaves a connection in the middle of it.
    if (!isWhole) request.destroy()
    return answer
  } catch (error) {
    request.destroy()
    throw error
  }
}

/** False when the exchange was over before all bytes were sent. */
async function sendAll(request: http.ClientRequest, bytes: AsyncIterable<Uint8Array>, isOver: Promise<boolean>) {
  for await (const piece of bytes) if (await Promise.race([fails(request, piece), isOver])) return false
  return true
}

function fails(request: http.ClientRequest, piece: Uint8Array): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  request.write(piece, (error) => resolve(Boolean(error)))
  return promise
}

function answerTo(request: http.ClientRequest): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  request.on('error', reject)
  request.on('response', (response) => {
    text(response).then((said) => resolve({ status: response.statusCode ?? 0, text: said }), reject)
  })
  return promise
}
