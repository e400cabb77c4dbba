import { fastifyMultipart } from '@fastify/multipart'
import type { FastifyInstance } from 'fastify'
import { registerBucketRoutes } from './bucket-routes.ts'
import type { Storage } from './context.ts'
import { registerDownloadRoutes } from './download-routes.ts'
import { errorBody, httpStatus, type StorageError } from './errors.ts'
import { toStorageError } from './failures.ts'
import { registerHealth } from './health.ts'
import { registerObjectRoutes, registerSigningRoutes } from './object-routes.ts'
import { registerResumableRoutes } from './resumable/routes.ts'
import { keepSwept } from './sweep.ts'
import { registerUploadRoutes } from './upload-routes.ts'

/** Storage's routes and its way of answering errors, to be registered under its prefix. */
export async function registerStorage(app: FastifyInstance, storage: Storage, folder: string): Promise<void> {
  answerErrors(app, storage, httpStatus)
  app.setNotFoundHandler((request, reply) => {
    const message = `Route ${request.method}:${request.url} not found`
    return reply.code(404).send({ statusCode: '404', error: 'Not Found', message, code: 'InvalidRequest' })
  })
  // The server ends only when every transfer has, and they would go on for as long as they like.
  const stopSweeping = keepSwept(storage)
  app.addHook('preClose', () => {
    stopSweeping()
    return storage.transfers.end()
  })
  registerHealth(app, folder)
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
    registerBucketRoutes(scope, storage)
    registerObjectRoutes(scope, storage)
    registerSigningRoutes(scope, storage)
    registerDownloadRoutes(scope, storage)
  })
  await app.register(async (scope) => {
    takeBytes(scope)
    await scope.register(fastifyMultipart)
    registerUploadRoutes(scope, storage)
  })
  await app.register(async (scope) => {
    takeBytes(scope)
    answerErrors(scope, storage, (error) => error.statusCode)
    registerResumableRoutes(scope, storage)
  })
}

function answerErrors(app: FastifyInstance, { log }: Storage, statusOf: (error: StorageError) => number): void {
  app.setErrorHandler((thrown, _request, reply) => {
    const error = toStorageError(thrown, log)
    return reply.code(statusOf(error)).send(errorBody(error))
  })
}

/** Bodies are left alone: whoever wants the bytes reads them as they come. */
function takeBytes(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
}
