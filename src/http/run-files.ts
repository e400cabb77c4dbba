import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Database } from '../db/client.ts'
import { DomainError, type ErrorCode } from '../errors.ts'
import type { ObjectStore, ObjectStores } from '../services/objects.ts'
import { hashOfToken } from '../services/tokens.ts'
import { type OpenedRunFile, openRunFile, type RunFileLink, refuseLink } from '../services/workflows/run-files.ts'
import { attachmentNamed } from './attachment.ts'
import { type CallbackLimits, limitCallbacks } from './callback-limits.ts'
import { endWhenIdle } from './idle-downloads.ts'
import { rangeOf } from './ranges.ts'
import { fromWindows1252, isUtf8 } from './text-in-utf8.ts'
import type { TransferSettings } from './transfers.ts'

type ReadRequest = FastifyRequest<{
  Params: { executionId: string; fileId: string }
  Querystring: { token?: unknown; charset?: unknown }
}>

const link = z.object({
  executionId: z.string().toLowerCase().pipe(z.uuid()),
  fileId: z.string().toLowerCase().pipe(z.uuid()),
  token: z.string().min(20).max(200),
  charset: z.literal('utf-8').optional(),
})

const closed =
  'This link is closed: its run has ended, or whoever started the run may not read the file any more; start a new run.'

export interface RunFilesDeps {
  database: Pick<Database, 'own'>
  objects: Pick<ObjectStores, 'forRuns'>
  settings: Pick<TransferSettings, 'downloadIdleMs'>
}

/** `GET /files/runs/:executionId/:fileId`: how a flow reads a file of its run; the link alone opens it, to nobody else's account. */
export async function registerRunFiles(
  app: FastifyInstance,
  { database: { own }, objects: { forRuns: objects }, settings }: RunFilesDeps,
): Promise<void> {
  const limits = await limitCallbacks(app)
  // A look at the headers alone would count as a read.
  app.get('/files/runs/:executionId/:fileId', { exposeHeadRoute: false }, async (request: ReadRequest, reply) => {
    const given = await admitted(limits, request, reply)
    const opened = await openRunFile(own, given).catch(async (error: unknown) => {
      if (error instanceof DomainError && error.code === 'NOT_FOUND') await limits.refused(request)
      throw error
    })
    limits.trust(senderOf(given))
    const isText = opened.isOpen && opened.type.startsWith('text/')
    if (isText && request.query.charset) return sendText(request, reply, { opened, objects, settings })
    if (opened.isOpen) return sendFile(request, reply, { opened, objects, settings })
    return refuse(request, reply.code(410), { code: 'NOT_FOUND', message: closed })
  })
}

async function admitted(limits: CallbackLimits, request: ReadRequest, reply: FastifyReply): Promise<RunFileLink> {
  const given = link.safeParse({ ...request.query, ...request.params }).data
  await limits.admit(request, reply, given && senderOf(given))
  return given ?? refuseLink()
}

function senderOf({ executionId, token }: RunFileLink) {
  return { executionId, secretHash: hashOfToken(token) }
}

interface Opened {
  opened: OpenedRunFile
  objects: ObjectStore
  settings: RunFilesDeps['settings']
}

// Read twice, not held: only the whole of a file tells whether it is in UTF-8. What is not is taken for what spreadsheets save on Windows.
async function sendText(request: ReadRequest, reply: FastifyReply, { opened, objects, settings }: Opened) {
  const { path, size, type, filename, checksum } = opened
  const etag = `"${checksum}-utf-8"`
  reply.headers({ etag, 'cache-control': 'private, no-store' })
  if (request.headers['if-none-match'] === etag) return reply.code(304).send()
  const isConverted = !(await isUtf8((await objects.read(path)).bytes))
  const { bytes } = await objects.read(path)
  endWhenIdle(reply, settings)
  reply.type(`${type}; charset=utf-8`).header('content-disposition', attachmentNamed(filename))
  if (isConverted) return reply.header('x-converted-from', 'windows-1252').send(fromWindows1252(bytes))
  return reply.header('content-length', size).send(bytes)
}

async function sendFile(request: ReadRequest, reply: FastifyReply, { opened, objects, settings }: Opened) {
  const { path, size, type, filename, checksum } = opened
  const etag = `"${checksum}"`
  reply.headers({ etag, 'accept-ranges': 'bytes', 'cache-control': 'private, no-store' })
  if (request.headers['if-none-match'] === etag) return reply.code(304).send()
  const isSame = (request.headers['if-range'] ?? etag) === etag
  const range = isSame ? rangeOf(request.headers.range, size) : undefined
  if (range === 'unsatisfiable') {
    const message = `The file has ${size} bytes; ask for a part of it that is there.`
    return refuse(request, reply.code(416).header('content-range', `bytes */${size}`), { code: 'BAD_REQUEST', message })
  }
  const { bytes } = await objects.read(path, range)
  endWhenIdle(reply, settings)
  reply.type(type).header('content-disposition', attachmentNamed(filename))
  if (!range) return reply.header('content-length', size).send(bytes)
  const { first, last } = range
  reply.code(206).header('content-range', `bytes ${first}-${last}/${size}`)
  return reply.header('content-length', last - first + 1).send(bytes)
}

function refuse(request: ReadRequest, reply: FastifyReply, told: { code: ErrorCode; message: string }) {
  return reply.send({ ...told, issues: [], requestId: request.id })
}
