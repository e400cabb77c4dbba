import type { FastifyInstance, FastifyRequest } from 'fastify'
import { watchExecutionInput } from '../contracts/executions.ts'
import { watchCompanyInput } from '../contracts/watching.ts'
import { requireRun, watchExecution } from '../services/workflows/watch.ts'
import { watchCompany } from '../services/workflows/watch-company.ts'
import type { Context } from '../trpc.ts'
import { type Frame, goneSignal, sendFrames } from './event-stream.ts'
import { readInput } from './input.ts'
import { signedIn } from './signed-in.ts'

interface WatchRequest {
  Params: Record<string, string>
  Querystring: Record<string, string | string[]>
}

/** The watches as server-sent events, for curl and any EventSource; a client that reconnects sends Last-Event-ID. */
export function registerWatch(app: FastifyInstance, contextOf: (request: FastifyRequest) => Context): void {
  app.get<WatchRequest>('/executions/:executionId/watch', async (request, reply) => {
    const service = signedIn(contextOf(request))
    const { executionId, lastEventId } = readInput(watchExecutionInput, givenBy(request))
    await requireRun(service, executionId)
    const gone = goneSignal(reply)
    const frames = runFrames(watchExecution(service, executionId, Number(lastEventId ?? 0), gone))
    return sendFrames(reply, { frames, gone })
  })
  app.get<WatchRequest>('/companies/:companyId/executions/watch', async (request, reply) => {
    const service = signedIn(contextOf(request))
    const given = givenBy(request)
    const types = given['types']
    const input = readInput(watchCompanyInput, { ...given, ...(types && { types: [types].flat().flatMap(listed) }) })
    const gone = goneSignal(reply)
    const frames = companyFrames(watchCompany(service, input, { signal: gone }))
    // A wrong call gets a plain error and not a stream; a right one begins with a position or an event at once.
    return sendFrames(reply, { frames, gone, first: await frames.next() })
  })
}

function givenBy({ params, query, headers }: FastifyRequest<WatchRequest>): WatchRequest['Querystring'] {
  const lastEventId = headers['last-event-id']
  return { ...query, ...params, ...(lastEventId !== undefined && { lastEventId }) }
}

function listed(types: string): string[] {
  return types.split(',')
}

async function* runFrames(events: ReturnType<typeof watchExecution>): AsyncGenerator<Frame> {
  for await (const data of events) yield { id: String(data.id), event: data.type, data }
}

async function* companyFrames(items: ReturnType<typeof watchCompany>): AsyncGenerator<Frame> {
  for await (const { place, item } of items) yield { id: place, event: item.type, data: item }
}
