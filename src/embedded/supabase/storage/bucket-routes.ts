import type { FastifyInstance } from 'fastify'
import { readBody, readQuery } from './body.ts'
import { createBucket, deleteBucket, emptyBucket, updateBucket } from './bucket-changes.ts'
import { bucketChangeBody, bucketListQuery, newBucketBody } from './bucket-input.ts'
import { getBucket, listBuckets } from './buckets.ts'
import { requireSession, requireWriter } from './caller.ts'
import type { Storage } from './context.ts'
import { doing } from './operations.ts'
import { bucketIdOf, transfer } from './request.ts'

export function registerBucketRoutes(app: FastifyInstance, storage: Storage): void {
  app.post('/bucket', doing('storage.bucket.create'), async (request) => {
    const writer = await requireWriter(storage, request)
    return await createBucket(storage, writer, readBody(newBucketBody, request.body))
  })
  app.get('/bucket', doing('storage.bucket.list'), async (request) => {
    const session = await requireSession(storage, request)
    const query = readQuery(bucketListQuery, request.query)
    return await session.alone((tx) => listBuckets(tx, query))
  })
  app.get('/bucket/:bucket', doing('storage.bucket.get'), async (request) => {
    const session = await requireSession(storage, request)
    return await session.alone((tx) => getBucket(tx, bucketIdOf(request)))
  })
  app.put('/bucket/:bucket', doing('storage.bucket.update'), async (request) => {
    const writer = await requireWriter(storage, request)
    return await updateBucket(storage, writer, bucketIdOf(request), readBody(bucketChangeBody, request.body))
  })
  app.post('/bucket/:bucket/empty', { ...transfer, ...doing('storage.bucket.empty') }, async (request) => {
    return await emptyBucket(storage, await requireWriter(storage, request), bucketIdOf(request))
  })
  app.delete('/bucket/:bucket', doing('storage.bucket.delete'), async (request) => {
    return await deleteBucket(storage, await requireWriter(storage, request), bucketIdOf(request))
  })
}
