import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { id } from '../contracts/common.ts'
import { largestFileBytes } from '../contracts/file-types.ts'
import { fileInput } from '../contracts/files.ts'
import { uploadedFile, uploadFields, uploadPlace, versionFields } from '../contracts/uploads.ts'
import { badInput, DomainError } from '../errors.ts'
import type { ServiceContext } from '../services/context.ts'
import { type Incoming, receiveFile, receiveVersion } from '../services/core/files/receive.ts'
import type { Context } from '../trpc.ts'
import { readInput } from './input.ts'
import { signedIn } from './signed-in.ts'
import { type TransferSettings, Transfers } from './transfers.ts'
import { openForm, type UploadForm } from './upload-form.ts'

type Receive = (service: ServiceContext, form: UploadForm, request: FastifyRequest) => ReturnType<typeof receiveFile>

/** Room for the fields and headers of a form around the largest file. */
const formBytes = 256 * 1024

/** Files as forms send them, streamed into the storage: a new file of a studio, or the next version of one. */
export async function registerUploads(
  app: FastifyInstance,
  contextOf: (request: FastifyRequest) => Context,
  settings: TransferSettings,
): Promise<void> {
  await app.register(multipart)
  const transfers = new Transfers(app, settings)
  const handle = (receive: Receive) => async (request: FastifyRequest, reply: FastifyReply) => {
    try {
      const service = signedIn(contextOf(request))
      requireRoom(request)
      const received = await transfers.run(request, async (signal) =>
        receive(service, await openForm(request, signal), request),
      )
      return await reply.code(201).send(uploadedFile.parse(received))
    } catch (error) {
      if (!request.raw.complete) reply.header('connection', 'close')
      throw error
    }
  }
  app.post('/studios/:studioId/files', handle(receiveNew))
  app.post('/files/:fileId/versions', handle(receiveNext))
}

const receiveNew: Receive = (service, form, request) => {
  const { size, type, checksum, filename = form.filename, ...place } = readInput(uploadFields, form.fields)
  const { studioId } = readInput(studioInput, request.params)
  const checked = readInput(uploadPlace, { ...place, filename, studioId })
  return receiveFile(service, checked, incoming(request, form, { size, type, checksum }))
}

const receiveNext: Receive = (service, form, request) => {
  const announced = readInput(versionFields, form.fields)
  return receiveVersion(service, readInput(fileInput, request.params).fileId, incoming(request, form, announced))
}

const studioInput = z.object({ studioId: id })

function incoming(request: FastifyRequest, form: UploadForm, announced: z.infer<typeof versionFields>): Incoming {
  const { size, checksum, type = readInput(typeField, form).type } = announced
  return { size, checksum, type: type ?? '', mostBytes: size ?? bodyBytes(request), bytes: form.bytes, end: form.end }
}

const typeField = versionFields.pick({ type: true }).strip()

// The quota has to be taken before the first byte comes.
export function bodyBytes({ headers }: FastifyRequest): number {
  const length = headers['content-length']
  if (length !== undefined) return Number(length)
  return badInput([
    { path: 'size', message: 'Give the size of the file in bytes before it, or send a content-length.' },
  ])
}

export function requireRoom({ headers }: FastifyRequest): void {
  if (Number(headers['content-length'] ?? 0) <= largestFileBytes + formBytes) return
  throw new DomainError('PAYLOAD_TOO_LARGE', 'The file is larger than 100 MB; send a smaller one.')
}
