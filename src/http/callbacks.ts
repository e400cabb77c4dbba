import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { callbackBatch, callbackMessage, largestCallbackBytes } from '../contracts/callbacks.ts'
import type { Database } from '../db/client.ts'
import { DomainError } from '../errors.ts'
import { hashOfToken } from '../services/tokens.ts'
import { type CallbackSender, refuseSender, takeCallback } from '../services/workflows/callbacks.ts'
import { requireKeepable } from '../services/workflows/keepable.ts'
import { bearerToken } from './bearer-token.ts'
import { limitCallbacks } from './callback-limits.ts'
import { readInput } from './input.ts'

type CallbackRequest = FastifyRequest<{ Params: { executionId: string } }>

/** `POST /callbacks/activepieces/:executionId`: what a flow tells of its run, proven by its attempt's secret. */
export async function registerCallbacks(app: FastifyInstance, { own }: Pick<Database, 'own'>): Promise<void> {
  app.removeContentTypeParser('text/plain')
  const limits = await limitCallbacks(app)
  const senders = new WeakMap<FastifyRequest, CallbackSender>()
  app.post<{ Params: { executionId: string } }>('/callbacks/activepieces/:executionId', {
    bodyLimit: largestCallbackBytes,
    // Whoever brings no secret is refused before the body is read.
    onRequest: async (request, reply) => {
      const sender = senderOf(request)
      await limits.admit(request, reply, sender)
      senders.set(request, sender ?? refuseSender())
    },
    handler: async (request) => {
      const sender = senders.get(request) ?? refuseSender()
      const receipt = await takeCallback(own, sender, messagesOf(request.body)).catch(async (error: unknown) => {
        if (error instanceof DomainError && error.code === 'UNAUTHORIZED') await limits.refused(request)
        throw error
      })
      limits.trust(sender)
      return receipt
    },
  })
}

const runId = z.uuid()

function senderOf(request: CallbackRequest): CallbackSender | undefined {
  const executionId = runId.safeParse(request.params.executionId.toLowerCase())
  const secret = bearerToken(request)
  if (!executionId.success || !secret) return undefined
  return { executionId: executionId.data, secretHash: hashOfToken(secret) }
}

function messagesOf(body: unknown) {
  requireKeepable(body, '')
  const isBatch = typeof body === 'object' && body !== null && 'messages' in body
  return isBatch ? readInput(callbackBatch, body).messages : [readInput(callbackMessage, body)]
}
