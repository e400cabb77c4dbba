import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { detailsOf } from '../context.ts'
import { fileName } from '../contracts/files.ts'
import { openShareInput, type ReceivedFile, sendThroughLinkFields } from '../contracts/sharing.ts'
import type { Database } from '../db/client.ts'
import {
  type Download,
  enter,
  openDownload,
  opensNothing,
  showLink,
  type VisitorContext,
} from '../services/core/sharing/opening.ts'
import { type ReceivingContext, receiveThroughLink } from '../services/core/sharing/receiving.ts'
import type { ObjectStores } from '../services/objects.ts'
import { hashOfToken } from '../services/tokens.ts'
import { attachmentNamed } from './attachment.ts'
import { endWhenIdle } from './idle-downloads.ts'
import { readInput } from './input.ts'
import { countRequest, limitAddresses, type RateLimits } from './rate-limits.ts'
import { linkPage, pagePolicy, receivedPage } from './shared-pages.ts'
import { refuseVisitors, tokenOf, wantsJson } from './shared-refusals.ts'
import { type TransferSettings, Transfers } from './transfers.ts'
import { openForm } from './upload-form.ts'
import { bodyBytes, requireRoom } from './uploads.ts'

export interface SharedDeps {
  database: Pick<Database, 'own'>
  /** For what is done in the name of whoever made a link. */
  vouchedDatabase: Pick<Database, 'own'>
  objects: Pick<ObjectStores, 'forVisitor'>
  settings: Pick<RateLimits, 'requestsPerMinutePerAddress'> & TransferSettings
}

type LinkRequest = FastifyRequest<{ Params: { token: string } }>

const largestForm = 16_384

/** Shared links, for people without an account: a page, or JSON for programs that ask for it. */
export async function registerShared(app: FastifyInstance, deps: SharedDeps): Promise<void> {
  const byAddress = await limitAddresses(app, deps.settings)
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'cache-control': 'no-store',
      'content-security-policy': pagePolicy,
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow',
    })
    await countRequest(byAddress, request, reply)
  })
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: largestForm },
    async (_: FastifyRequest, body: string) => Object.fromEntries(new URLSearchParams(body)),
  )
  const contextOf = (request: FastifyRequest): VisitorContext => ({
    transaction: deps.database.own.transaction,
    objects: deps.objects.forVisitor({ address: request.ip, linkHash: hashOfToken(tokenOf(request)) }),
    request: detailsOf(request),
  })
  refuseVisitors(app, contextOf)

  app.get('/shared/:token', async (request: LinkRequest, reply) => {
    const { token } = request.params
    const link = await showLink(contextOf(request), hashOfToken(token))
    if (wantsJson(request)) return link
    return reply.type('text/html; charset=utf-8').send(linkPage(link, { base: `${token}/` }))
  })

  app.post('/shared/:token/download', { bodyLimit: largestForm }, async (request: LinkRequest, reply) => {
    const { password } = readInput(openShareInput, request.body ?? {})
    const tokenHash = hashOfToken(request.params.token)
    const download = await openDownload(contextOf(request), { tokenHash, password })
    endWhenIdle(reply, deps.settings)
    return sendFile(reply, download)
  })

  await app.register(multipart)
  const transfers = new Transfers(app, deps.settings)
  app.post('/shared/:token/files', async (request: LinkRequest, reply) => {
    requireRoom(request)
    const ctx = { ...contextOf(request), inNameOfMaker: deps.vouchedDatabase.own.transaction }
    const received = await transfers.run(request, (signal) => receive(ctx, request, signal))
    reply.code(201)
    return wantsJson(request) ? received : reply.type('text/html; charset=utf-8').send(receivedPage(received))
  })
}

async function receive(ctx: ReceivingContext, request: LinkRequest, signal: AbortSignal): Promise<ReceivedFile> {
  const form = await openForm(request, signal)
  const { password, size, checksum, type = form.type } = readInput(sendThroughLinkFields, form.fields)
  const { filename } = readInput(sentName, form)
  const tokenHash = hashOfToken(request.params.token)
  const link = await enter(ctx, { tokenHash, password })
  if (link.file) opensNothing()
  const { bytes, end } = form
  const mostBytes = size ?? bodyBytes(request)
  return receiveThroughLink(ctx, { tokenHash, filename }, { bytes, end, size, checksum, type, mostBytes })
}

const sentName = z.object({ filename: fileName })

// The bytes go through here and not by a link of the storage's: its address would show the company's id, and could be used more
// than once. Each download is the whole file, since a range of a POST means nothing (RFC 9110, 14.2).
function sendFile(reply: FastifyReply, { bytes, filename, type, size, checksum }: Download): FastifyReply {
  return reply
    .headers({
      ...(size !== undefined && { 'content-length': size }),
      'content-disposition': attachmentNamed(filename),
      'accept-ranges': 'none',
      'repr-digest': `sha-256=:${Buffer.from(checksum, 'hex').toString('base64')}:`,
    })
    .type(type)
    .send(bytes)
}
