import type { FastifyInstance, FastifyRequest } from 'fastify'
import { requireWriter } from '../caller.ts'
import type { Storage } from '../context.ts'
import { accessDenied } from '../errors.ts'
import type { Place } from '../names.ts'
import { doing } from '../operations.ts'
import { transfer, wildcardOf, writeModeOf } from '../request.ts'
import { appendToUpload, settleUpload, terminateUpload } from './appending.ts'
import { beginUpload, placeInMetadata, type Uploader } from './creation.ts'
import { hasBytes, numberIn, sendState, tusError, tusExtensions, tusVersion } from './headers.ts'
import { addressOf, readAddress, requireUpload } from './uploads.ts'

interface Door {
  storage: Storage
  path: string
  identify(request: FastifyRequest, place: Place): Promise<Uploader>
}

/** Uploads in parts (tus 1.0.0), for callers and, below /sign, for holders of an upload link. */
export function registerResumableRoutes(app: FastifyInstance, storage: Storage): void {
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('tus-resumable', tusVersion)
    if (request.method === 'OPTIONS' || request.headers['tus-resumable'] === tusVersion) return
    void reply.header('tus-version', tusVersion)
    throw tusError(412, 'Tus-Resumable Required')
  })
  const path = '/upload/resumable'
  const doors: Door[] = [
    { storage, path, identify: (request) => identifyCaller(storage, request) },
    { storage, path: `${path}/sign`, identify: (request, place) => identifyHolder(storage, request, place) },
  ]
  for (const door of doors) {
    registerCreation(app, door)
    registerContinuation(app, door)
  }
}

function registerCreation(app: FastifyInstance, { storage, path, identify }: Door): void {
  app.options(path, (_, reply) => {
    const offer = { 'tus-version': tusVersion, 'tus-extension': tusExtensions }
    return reply
      .code(204)
      .headers({ ...offer, 'tus-max-size': storage.settings.fileSizeLimit })
      .send()
  })
  app.post(path, { ...transfer, ...doing('storage.tus.upload.create') }, async (request, reply) => {
    const uploader = await identify(request, placeInMetadata(request))
    const begun = await beginUpload(storage, uploader, request)
    const bringsBytes = hasBytes(request) || begun.total_bytes === 0
    const part = { uploadId: begun.id, offset: 0, request }
    sendState(reply, bringsBytes ? await appendToUpload(storage, uploader, part) : begun)
    return reply
      .code(201)
      .header('location', `${storage.url}${path}/${addressOf(begun)}`)
      .send()
  })
}

function registerContinuation(app: FastifyInstance, { storage, path, identify }: Door): void {
  const find = async (request: FastifyRequest) => {
    const address = wildcardOf(request)
    const uploader = await identify(request, readAddress(address))
    return { uploader, upload: await requireUpload(storage, uploader, address) }
  }
  app.head(`${path}/*`, doing('storage.tus.upload.get'), async (request, reply) => {
    const { upload } = await find(request)
    sendState(reply, await settleUpload(storage, upload.id))
    const { total_bytes, client_metadata } = upload
    return reply.headers({ 'upload-length': total_bytes, 'upload-metadata': client_metadata, ...unkept }).send()
  })
  app.patch(`${path}/*`, { ...transfer, ...doing('storage.tus.upload.part') }, async (request, reply) => {
    if (!hasBytes(request)) throw tusError(415, 'Content-Type must be application/offset+octet-stream')
    const { uploader, upload } = await find(request)
    const part = { uploadId: upload.id, offset: numberIn(request, 'upload-offset'), request }
    sendState(reply, await appendToUpload(storage, uploader, part))
    return reply.code(204).send()
  })
  app.delete(`${path}/*`, doing('storage.tus.upload.delete'), async (request, reply) => {
    const { upload } = await find(request)
    await terminateUpload(storage, upload.id)
    return reply.code(204).send()
  })
}

const unkept = { 'cache-control': 'no-store' }

async function identifyCaller(storage: Storage, request: FastifyRequest): Promise<Uploader> {
  const expiresAt = new Date(storage.now() + storage.settings.resumableSeconds * 1000)
  return { ...(await requireWriter(storage, request)), isUpsert: writeModeOf(request) === 'upsert', expiresAt }
}

async function identifyHolder(storage: Storage, request: FastifyRequest, place: Place): Promise<Uploader> {
  const signature = request.headers['x-signature']
  if (typeof signature !== 'string') throw accessDenied('Missing x-signature header')
  const { owner, upsert, exp } = await storage.links.verify(signature, 'upload', place)
  const expiresAt = new Date(exp * 1000)
  return { session: storage.db.own, ownerId: owner ?? null, isUpsert: upsert ?? false, expiresAt }
}
