import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { EngineContext } from '../context.ts'
import { notFound } from '../errors.ts'
import { check } from '../http/validation.ts'
import { findPiece, listPieces } from '../pieces/catalog.ts'

const params = z.object({ '*': z.string() })

export function pieceRoutes(server: FastifyInstance, context: EngineContext): void {
  server.get('/pieces', async (request) => {
    const user = await context.sessions.requireUser(request)
    return listPieces(user.platformId)
  })

  server.get('/pieces/*', async (request) => {
    const { '*': name } = check(params, request.params, 'params')
    const user = await context.sessions.requireUser(request)
    return findPiece(name, user.platformId) ?? Promise.reject(notFound('piece_metadata', name))
  })
}
