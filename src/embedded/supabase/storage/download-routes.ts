import type { FastifyInstance, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { Storage } from './context.ts'
import { sendObject } from './download.ts'
import { infoOf } from './info.ts'
import type { StoredObject } from './objects.ts'
import { doing, type Operation } from './operations.ts'
import { readByLink, readByPolicy, readForCaller, readPublic } from './reading.ts'
import { placeOf, tokenIn, transfer } from './request.ts'

type Find = (request: FastifyRequest) => Promise<StoredObject>
type Doings = Record<'get' | 'head', Operation>

const byCaller: Doings = { get: 'storage.object.get_authenticated', head: 'object.head_authenticated_info' }
const byAll: Doings = { get: 'storage.object.get_public', head: 'storage.object.info_public' }
const byLink: Doings = { get: 'storage.object.get_signed', head: 'storage.object.get_signed' }

export function registerDownloadRoutes(app: FastifyInstance, storage: Storage): void {
  const serve = (path: string, { get, head }: Doings, handler: RouteHandlerMethod) => {
    app.get(path, { ...transfer, ...doing(get) }, handler)
    app.head(path, { ...transfer, ...doing(head) }, handler)
  }
  const serveFound = (path: string, doings: Doings, find: Find) =>
    serve(path, doings, (request, reply) => sendObject(storage, { request, reply }, { find: () => find(request) }))
  const inform = (path: string, operation: Operation, find: Find) =>
    app.get(path, doing(operation), async (request) => infoOf(await find(request)))
  const forCaller: Find = (request) => readForCaller(storage, request, placeOf(request))
  const byPolicy: Find = (request) => readByPolicy(storage, request, placeOf(request))
  const forAll: Find = (request) => readPublic(storage, placeOf(request))

  serveFound('/object/:bucket/*', byCaller, forCaller)
  serveFound('/object/authenticated/:bucket/*', byCaller, byPolicy)
  serveFound('/object/public/:bucket/*', byAll, forAll)
  inform('/object/info/:bucket/*', 'object.get_authenticated_info', byPolicy)
  inform('/object/info/authenticated/:bucket/*', 'object.get_authenticated_info', byPolicy)
  inform('/object/info/public/:bucket/*', 'storage.object.info_public', forAll)
  serve('/object/sign/:bucket/*', byLink, async (request, reply) => {
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
