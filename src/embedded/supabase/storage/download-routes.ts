import type { FastifyInstance, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { Storage } from './context.ts'
import { sendObject } from './download.ts'
import { infoOf } from './info.ts'
import type { StoredObject } from './objects.ts'
import { readByLink, readByPolicy, readForCaller, readPublic } from './reading.ts'
import { placeOf, tokenIn, transfer } from './request.ts'

type Find = (request: FastifyRequest) => Promise<StoredObject>

export function registerDownloadRoutes(app: FastifyInstance, storage: Storage): void {
  const serve = (path: string, handler: RouteHandlerMethod) => {
    app.route({ method: ['GET', 'HEAD'], url: path, ...transfer, handler })
  }
  const serveFound = (path: string, find: Find) =>
    serve(path, (request, reply) => sendObject(storage, { request, reply }, { find: () => find(request) }))
  const inform = (path: string, find: Find) => app.get(path, async (request) => infoOf(await find(request)))
  const forCaller: Find = (request) => readForCaller(storage, request, placeOf(request))
  const byPolicy: Find = (request) => readByPolicy(storage, request, placeOf(request))
  const forAll: Find = (request) => readPublic(storage, placeOf(request))

  serveFound('/object/:bucket/*', forCaller)
  serveFound('/object/authenticated/:bucket/*', byPolicy)
  serveFound('/object/public/:bucket/*', forAll)
  inform('/object/info/:bucket/*', byPolicy)
  inform('/object/info/authenticated/:bucket/*', byPolicy)
  inform('/object/info/public/:bucket/*', forAll)
  serve('/object/sign/:bucket/*', async (request, reply) => {
    const place = placeOf(request)
    const { exp } = await storage.links.verify(tokenIn(request), 'download', place)
    const find = () => readByLink(storage, place)
    return await sendObject(storage, { request, reply }, { find, expiresAt: new Date(exp * 1000) })
  })
  // Images are transformed by plans that have it; this is one of those that have not.
  app.get('/render/image/*', (_, reply) => {
    return reply.code(403).send({
      ...{ statusCode: '403', error: 'FeatureNotEnabled' },
      message: 'feature not enabled for this tenant',
    })
  })
}
