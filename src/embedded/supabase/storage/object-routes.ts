import type { FastifyInstance } from 'fastify'
import { readBody } from './body.ts'
import { requireCaller, requireSession, requireWriter } from './caller.ts'
import type { Storage } from './context.ts'
import { listBody, listFolder } from './listing.ts'
import { listPage, listV2Body } from './listing-v2.ts'
import { doing } from './operations.ts'
import { copy, copyBody, move, moveBody } from './relocation.ts'
import { removalBody, removeObject, removeObjects } from './removal.ts'
import { bucketIdOf, placeOf, transfer, writeModeOf } from './request.ts'
import { giveUpFor } from './resumable/creation.ts'
import { signBody, signDownload, signDownloads, signManyBody, signUpload } from './signing.ts'

/** Everything about objects that is asked for in JSON. */
export function registerObjectRoutes(app: FastifyInstance, storage: Storage): void {
  app.post('/object/list/:bucket', doing('storage.object.list'), async (request) => {
    const session = await requireSession(storage, request)
    return await listFolder(session, bucketIdOf(request), readBody(listBody, request.body))
  })
  app.post('/object/list-v2/:bucket', doing('storage.object.list_v2'), async (request) => {
    const session = await requireSession(storage, request)
    return await listPage(session, bucketIdOf(request), readBody(listV2Body, request.body))
  })
  app.post('/object/move', doing('storage.object.move'), async (request) => {
    return await move(storage, await requireWriter(storage, request), readBody(moveBody, request.body))
  })
  app.post('/object/copy', { ...transfer, ...doing('storage.object.copy') }, async (request) => {
    const writer = await requireWriter(storage, request)
    return await copy(storage, writer, writeModeOf(request), readBody(copyBody, request.body))
  })
  app.delete('/object/:bucket', doing('storage.object.delete_many'), async (request) => {
    const caller = await requireCaller(storage, request)
    const { prefixes } = readBody(removalBody, request.body)
    const bucketId = bucketIdOf(request)
    // There is no row yet of which a policy could say who may; the service may remove whatever it is.
    if (caller.role === 'service_role') await giveUpFor(storage, bucketId, prefixes)
    return await removeObjects(storage, storage.db.sessionOf(caller), bucketId, prefixes)
  })
  app.delete('/object/:bucket/*', doing('storage.object.delete'), async (request) => {
    return await removeObject(storage, await requireSession(storage, request), placeOf(request))
  })
}

export function registerSigningRoutes(app: FastifyInstance, storage: Storage): void {
  app.post('/object/sign/:bucket', doing('storage.object.sign_many'), async (request) => {
    const session = await requireSession(storage, request)
    return await signDownloads(storage, session, bucketIdOf(request), readBody(signManyBody, request.body))
  })
  app.post('/object/sign/:bucket/*', doing('storage.object.sign'), async (request) => {
    const session = await requireSession(storage, request)
    return await signDownload(storage, session, placeOf(request), readBody(signBody, request.body))
  })
  app.post('/object/upload/sign/:bucket/*', doing('storage.object.sign_upload_url'), async (request) => {
    const writer = await requireWriter(storage, request)
    return await signUpload(storage, writer, placeOf(request), writeModeOf(request) === 'upsert')
  })
}
