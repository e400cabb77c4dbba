import { availableParallelism, freemem, totalmem } from 'node:os'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { EngineContext } from '../context.ts'
import { DomainError, notFound } from '../errors.ts'
import { check, id } from '../http/validation.ts'
import { newId } from '../ids.ts'
import { findPlatform } from '../store/accounts.ts'
import { findFile } from '../store/files.ts'
import { engineVersion, showFlags } from './flags.ts'

const fileParams = z.object({ fileId: id })
const fileQuery = z.object({ token: z.string() })

export function systemRoutes(server: FastifyInstance, context: EngineContext): void {
  const workerId = `worker-${newId()}`
  server.get('/health', () => ({ status: 'Healthy' }))
  server.get('/flags', () => showFlags(context.settings, findPlatform(context.database) !== undefined))

  server.get('/health/system', async (request) => {
    await context.sessions.requireUser(request)
    return { cpu: true, disk: true, ram: true, database: true }
  })

  server.get('/worker-machines', async (request) => {
    await context.sessions.requireUser(request)
    return context.settings.workers === 0 ? [] : [showWorker(context, workerId)]
  })

  server.get('/files/:fileId', async (request, reply) => {
    const { fileId } = check(fileParams, request.params, 'params')
    const { token } = check(fileQuery, request.query, 'querystring')
    if ((await context.tokens.verifyFile(token)) !== fileId) {
      throw new DomainError('INVALID_BEARER_TOKEN', { message: 'invalid token or expired for the step file' })
    }
    const file = findFile(context.database, fileId)
    if (file === undefined) throw notFound('file', fileId)
    return reply.type(file.mimeType).send(Buffer.from(file.data))
  })
}

function showWorker(context: EngineContext, workerId: string) {
  const { workers, limits, now } = context.settings
  const updated = new Date(now()).toISOString()
  const workerProps = {
    EXECUTION_MODE: 'SANDBOX_CODE_ONLY',
    WORKER_CONCURRENCY: String(workers),
    SANDBOX_MEMORY_LIMIT: String(limits.codeMemoryBytes / 1024),
    REUSE_SANDBOX: 'false',
    version: engineVersion,
  }
  const information = {
    workerId,
    cpuUsagePercentage: 0,
    diskInfo: { total: 0, free: 0, used: 0, percentage: 0 },
    workerProps,
    ramUsagePercentage: (1 - freemem() / totalmem()) * 100,
    totalAvailableRamInBytes: totalmem(),
    totalCpuCores: availableParallelism(),
    ip: '127.0.0.1',
    sandboxes: [{ sandboxId: workerId, boxId: 1, busy: false, memoryUsageBytes: 0 }],
  }
  return { id: workerId, information, type: 'SHARED', updated, created: updated, status: 'ONLINE' }
}
