import type { FastifyInstance, FastifyRequest } from 'fastify'
import { requireWriter, type Writer } from './caller.ts'
import type { Storage } from './context.ts'
import { endAfter, openIncoming } from './incoming.ts'
import { doing } from './operations.ts'
import { placeOf, tokenIn, transfer, writeModeOf } from './request.ts'
import { type Target, uploadObject } from './upload.ts'

export function registerUploadRoutes(app: FastifyInstance, storage: Storage): void {
  const take = async (request: FastifyRequest, writer: Writer, target: Target) =>
    await storage.transfers.run(async () => uploadObject(storage, writer, target, await openIncoming(storage, request)))

  app.post('/object/:bucket/*', { ...transfer, ...doing('storage.object.upload') }, async (request) => {
    const writer = await requireWriter(storage, request)
    return await take(request, writer, { ...placeOf(request), mode: writeModeOf(request) })
  })
  app.put('/object/:bucket/*', { ...transfer, ...doing('storage.object.upload_update') }, async (request) => {
    const writer = await requireWriter(storage, request)
    return await take(request, writer, { ...placeOf(request), mode: 'overwrite' })
  })
  app.put(
    '/object/upload/sign/:bucket/*',
    { ...transfer, ...doing('storage.object.upload_signed') },
    async (request) => {
      const place = placeOf(request)
      const { owner, upsert } = await storage.links.verify(tokenIn(request), 'upload', place)
      const writer = { session: storage.db.own, ownerId: owner ?? null }
      endAfter(request, storage.settings.linkedUploadSeconds)
      const { Key } = await take(request, writer, { ...place, mode: upsert ? 'upsert' : 'create' })
      return { Key }
    },
  )
}
