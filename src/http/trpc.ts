import { fastifyRequestHandler } from '@trpc/server/adapters/fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { unbatched } from '../contracts/executions.ts'
import { largestStartBody } from '../rest.ts'
import { appRouter } from '../routers/index.ts'
import { type Context, publicError } from '../trpc.ts'
import { logError } from './errors.ts'

/** How many calls may travel together: one request is also one for the rate limit. */
export const largestBatch = 100

/** Serves the router in tRPC's own protocol. Starting a run has a larger body limit and is therefore called unbatched. */
export function registerTrpc(
  app: FastifyInstance,
  contextOf: (request: FastifyRequest) => Context,
  prefix: string,
): void {
  const handle = (request: FastifyRequest, reply: FastifyReply, path: string) =>
    fastifyRequestHandler({
      router: appRouter,
      req: request,
      res: reply,
      path,
      maxBatchSize: largestBatch,
      createContext: () => contextOf(request),
      onError: ({ error }) => logError(request, error.cause ?? error, publicError(error)),
    })
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) => done(null, body))
    for (const path of unbatched) {
      scope.post(`${prefix}/${path}`, { bodyLimit: largestStartBody }, (request, reply) => handle(request, reply, path))
    }
    scope.all<{ Params: { path: string } }>(`${prefix}/:path`, (request, reply) =>
      handle(request, reply, request.params.path),
    )
  })
}
