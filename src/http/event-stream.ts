import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { publicError } from '../trpc.ts'

const heartbeatMs = 5000

/** One server-sent event (html.spec.whatwg.org, "Server-sent events"). */
export interface Frame {
  id: string
  event: string
  data: unknown
}

/** Aborts once the client is gone. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return gone.signal
}

/** Answers with a stream that shows at once that it is open, and every five seconds that it still is. */
export function sendFrames(
  reply: FastifyReply,
  { frames, first, gone }: { frames: AsyncGenerator<Frame>; first?: IteratorResult<Frame>; gone: AbortSignal },
): FastifyReply {
  // A client may leave while nobody waits for the next frame; only this lets the frames' source go then.
  const letGo = () => void frames.return(undefined).catch(() => undefined)
  if (gone.aborted) letGo()
  else gone.addEventListener('abort', letGo, { once: true })
  reply.header('cache-control', 'no-cache, no-transform').header('x-accel-buffering', 'no').type('text/event-stream')
  return reply.send(Readable.from(texts(frames, first)))
}

// The next frame is asked for only when the one before has been taken: a slow reader is waited for.
async function* texts(frames: AsyncGenerator<Frame>, first?: IteratorResult<Frame>): AsyncGenerator<string> {
  yield ': open\n\n'
  try {
    let next = first ? Promise.resolve(first) : frames.next()
    while (true) {
      const result = await unlessSilent(next)
      if (result === 'silent') yield ': still here\n\n'
      else if (result.done) return
      else {
        yield textOf(result.value)
        next = frames.next()
      }
    }
  } catch (error) {
    const { code, message } = publicError(error)
    yield `event: error\ndata: ${JSON.stringify({ code, message })}\n\n`
  }
}

async function unlessSilent<T>(next: Promise<T>): Promise<T | 'silent'> {
  const silence = Promise.withResolvers<'silent'>()
  const timer = setTimeout(silence.resolve, heartbeatMs, 'silent')
  try {
    return await Promise.race([next, silence.promise])
  } finally {
    clearTimeout(timer)
  }
}

function textOf({ id, event, data }: Frame): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
