import type { FastifyReply } from 'fastify'
import type { FlowResponse } from '../runs/responders.ts'

const ownedByTheServer = new Set(['content-length', 'transfer-encoding', 'connection'])

/** Sends what a flow answered; a flow that did not answer in time gives an empty 204. */
export function sendFlowResponse(reply: FastifyReply, response: FlowResponse | undefined) {
  if (response === undefined) return reply.status(204).send()
  for (const [name, value] of Object.entries(response.headers)) {
    if (!ownedByTheServer.has(name.toLowerCase())) reply.header(name, value)
  }
  reply.status(response.status)
  const { body } = response
  if (body === undefined || body === null) return reply.send()
  if (typeof body === 'string') return reply.send(body)
  if (!reply.hasHeader('content-type')) reply.type('application/json; charset=utf-8')
  return reply.serializer(JSON.stringify).send(body)
}
