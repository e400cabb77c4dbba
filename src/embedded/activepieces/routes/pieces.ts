import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { EngineContext } from '../context.ts'
import { notFound } from '../errors.ts'
import { requestBody } from '../http/bodies.ts'
import { check } from '../http/validation.ts'
import { findPiece, listPieces } from '../pieces/catalog.ts'
import { installPiece } from '../pieces/installing.ts'

const params = z.object({ '*': z.string() })

export function pieceRoutes(server: FastifyInstance, context: EngineContext): void {
  const { database, sessions } = context

  server.get('/pieces', async (request) => {
    const user = await sessions.requireUser(request)
    return listPieces(database, user.platformId)
  })

  server.get('/pieces/*', async (request) => {
    const { '*': name } = check(params, request.params, 'params')
    const user = await sessions.requireUser(request)
    return findPiece(database, user.platformId, name) ?? Promise.reject(notFound('piece_metadata', name))
  })

  server.post('/pieces', async (request, reply) => {
    const { platformId } = await sessions.requireUser(request)
    const contentType = request.headers['content-type'] ?? ''
    return reply.status(201).send(await installPiece(context, platformId, requestBody(request.body), contentType))
  })
}
