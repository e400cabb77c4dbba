import { z } from 'zod'
import type { Person } from '../support/world.ts'

const told = z.looseObject({ type: z.string().optional(), message: z.string().optional(), code: z.string().optional() })

/** A server-sent event as it came. */
export interface LiveFrame {
  id: string | undefined
  event: string
  data: z.infer<typeof told>
}

export interface LiveStream {
  status: number
  /** The next event; undefined once the stream has ended, however it ended. */
  next(): Promise<LiveFrame | undefined>
  leave(): void
}

/** Opens a stream of server-sent events as a person, perhaps where an earlier one was left. */
export async function openLive(url: string, person: Person, lastEventId?: string): Promise<LiveStream> {
  const gone = new AbortController()
  const resume = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
  const headers = { authorization: `Bearer ${person.accessToken}`, ...resume }
  const response = await fetch(url, { headers, signal: gone.signal })
  const frames = framesOf(response)
  return {
    status: response.status,
    next: async () => (await frames.next().catch(() => undefined))?.value ?? undefined,
    leave: () => gone.abort(),
  }
}

/** All events until one satisfies `isLast`, which is among them. */
export async function until(stream: LiveStream, isLast: (frame: LiveFrame) => boolean): Promise<LiveFrame[]> {
  const seen: LiveFrame[] = []
  for (let frame = await stream.next(); frame; frame = await stream.next()) {
    seen.push(frame)
    if (isLast(frame)) return seen
  }
  throw new Error(`the stream ended too soon, after ${JSON.stringify(seen)}`)
}

/** What the events say, positions left out. */
export function messagesOf(frames: LiveFrame[]): (string | undefined)[] {
  return frames.filter(({ event }) => event !== 'position').map(({ data }) => data.message)
}

async function* framesOf({ body }: Response): AsyncGenerator<LiveFrame> {
  let text = ''
  for await (const chunk of (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    const parts = `${text}${chunk}`.split('\n\n')
    text = parts.pop() ?? ''
    for (const part of parts) {
      const fields = new Map(part.split('\n').map((line) => [line.split(': ')[0], line.slice(line.indexOf(': ') + 2)]))
      const data = fields.get('data')
      if (data) yield { id: fields.get('id'), event: fields.get('event') ?? '', data: told.parse(JSON.parse(data)) }
    }
  }
}
