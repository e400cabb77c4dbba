import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { downloadLinkInput } from '../contracts/uploads.ts'
import { downloadLink } from '../services/core/files/downloads.ts'
import type { Context } from '../trpc.ts'
import { readInput } from './input.ts'
import { signedIn } from './signed-in.ts'

const version = z.coerce.number().pipe(downloadLinkInput.shape.version.unwrap()).optional()
const contentInput = downloadLinkInput.pick({ fileId: true }).extend({ version })

/** `GET /files/:fileId/content` leads to where the bytes are: for curl -L and for links in pages. */
export function registerDownloads(app: FastifyInstance, contextOf: (request: FastifyRequest) => Context): void {
  app.get<{ Params: Record<string, unknown>; Querystring: Record<string, unknown> }>(
    '/files/:fileId/content',
    async (request, reply) => {
      const service = signedIn(contextOf(request))
      const { fileId, version } = readInput(contentInput, { ...request.query, ...request.params })
      const { url } = await downloadLink(service, downloadLinkInput.parse({ fileId, version }))
      return reply.header('cache-control', 'no-store').redirect(url, 302)
    },
  )
}
