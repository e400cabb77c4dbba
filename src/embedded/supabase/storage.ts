import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'

/** Storage's health, and its answer to what it does not know. */
export function registerStorage(app: FastifyInstance, { folder }: { folder: string }): void {
  app.get('/status', async (_request, reply) => {
    const isWritable = await canWrite(folder)
    return reply
      .code(isWritable ? 200 : 503)
      .send(isWritable ? '' : failure('503', 'The storage folder cannot be written to'))
  })
  app.setNotFoundHandler((request, reply) => {
    const message = `Route ${request.method}:${request.url} not found`
    return reply.code(404).send({ statusCode: '404', error: 'Not Found', message, code: 'InvalidRequest' })
  })
}

async function canWrite(folder: string): Promise<boolean> {
  const probe = join(folder, `.probe-${randomUUID()}`)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(probe, '', { mode: 0o600 })
    await rm(probe)
    return true
  } catch {
    return false
  }
}

function failure(statusCode: string, message: string): object {
  return { statusCode, code: 'InternalError', error: 'Service Unavailable', message }
}
