import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type ExecutionEvent, watchExecutionInput } from '../contracts/executions.ts'
import { badInput, DomainError } from '../errors.ts'
import { watchExecution } from '../services/workflows/watch.ts'
import { type Context, publicError } from '../trpc.ts'

const heartbeatMs = 5000

/** `GET /executions/:executionId/watch`: the events of a run as server-sent events, for curl and any EventSource. */
export function registerWatch(app: FastifyInstance, contextOf: (request: FastifyRequest) => Context): void {
  app.get<{ Params: { executionId: string } }>('/executions/:executionId/watch', async (request, reply) => {
    const ctx = contextOf(request)
    if (!ctx.caller)
      throw new DomainError('UNAUTHORIZED', 'Sign in first and send the access token as "Authorization: Bearer …".')
    const input = watchExecutionInput.safeParse({ ...request.params, lastEventId: request.headers['last-event-id'] })
    if (!input.success)
      return badInput(input.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })))
    const ended = new AbortController()
    reply.raw.once('close', () => ended.abort())
    const { executionId, lastEventId } = input.data
    const events = watchExecution(ctx.serviceFor(ctx.caller), executionId, Number(lastEventId ?? 0), ended.signal)
    // The first event is awaited here, so that a run that is not the caller's gets a plain error and not a stream.
    const first = await events.next()
    reply.header('cache-control', 'no-cache, no-transform').header('x-accel-buffering', 'no').type('text/event-stream')
    return reply.send(Readable.from(frames(first, events, ended.signal)))
  })
}

type Events = ReturnType<typeof watchExecution>

async function* frames(
  first: Awaited<ReturnType<Events['next']>>,
  events: Events,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let next: Promise<IteratorResult<ExecutionEvent>> = Promise.resolve(first)
  try {
    while (!signal.aborted) {
      const result = await unlessSilent(next)
      if (result === 'silent') yield ': still here\n\n'
      else if (result.done) return
      else {
        yield frame(result.value)
        next = events.next()
      }
    }
  } catch (error) {
    const { code, message } = publicError(error)
    yield `event: error\ndata: ${JSON.stringify({ code, message })}\n\n`
  }
}

async function unlessSilent<T>(next: Promise<T>): Promise<T | 'silent'> {
  const arrived = new AbortController()
  const silence = delay(heartbeatMs, 'silent' as const, { signal: arrived.signal }).catch(() => 'silent' as const)
  try {
    return await Promise.race([next, silence])
  } finally {
    arrived.abort()
  }
}

function frame(event: ExecutionEvent): string {
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}
