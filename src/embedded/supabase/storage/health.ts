import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { errorBody, StorageError } from './errors.ts'

export function registerHealth(app: FastifyInstance, folder: string): void {
  app.get('/status', async (_request, reply) => {
    if (await canWrite(folder)) return reply.code(200).send('')
    const message = 'The storage folder cannot be written to'
    return reply.code(503).send(errorBody(new StorageError(503, 'InternalError', message, 'Service Unavailable')))
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
