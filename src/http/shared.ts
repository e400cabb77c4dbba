import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { detailsOf } from '../context.ts'
import { openShareInput } from '../contracts/sharing.ts'
import type { Database } from '../db/client.ts'
import { type Download, openDownload, showLink, type VisitorContext } from '../services/core/sharing/opening.ts'
import { hashOfToken } from '../services/core/sharing/tokens.ts'
import type { ObjectStores } from '../services/objects.ts'
import { attachmentNamed } from './attachment.ts'
import { readInput } from './input.ts'
import { countRequest, limitAddresses, type RateLimits } from './rate-limits.ts'
import { linkPage, pagePolicy } from './shared-pages.ts'
import { refuseVisitors, wantsJson } from './shared-refusals.ts'

export interface SharedDeps {
  database: Pick<Database, 'own'>
  objects: Pick<ObjectStores, 'own'>
  settings: Pick<RateLimits, 'requestsPerMinutePerAddress'>
}

type LinkRequest = FastifyRequest<{ Params: { token: string } }>

const largestForm = 16_384
/** Whoever takes no byte of a download for so long is let go. */
const idleMs = 60_000

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
    objects: deps.objects.own,
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
    return sendFile(reply, await openDownload(contextOf(request), { tokenHash, password }))
  })
}

// The bytes go through here and not by a link of the storage's: its address would show the company's id, and could be used more
// than once. Each download is the whole file, since a range of a POST means nothing (RFC 9110, 14.2).
function sendFile(reply: FastifyReply, { bytes, filename, type, size, checksum }: Download): FastifyReply {
  reply.raw.setTimeout(idleMs, () => reply.raw.destroy())
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
