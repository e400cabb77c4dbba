import type { FastifyReply } from 'fastify'

/** Lets go of a client that takes no byte of an answer for so long: it holds a connection to the storage. */
export function endWhenIdle(reply: FastifyReply, { downloadIdleMs }: { downloadIdleMs: number }): void {
  reply.raw.setTimeout(downloadIdleMs, () => reply.raw.destroy())
}
