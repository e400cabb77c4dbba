import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { queryValue } from '../auth/call.ts'
import { invalidRequest } from './errors.ts'
import { type Place, requireBucketId } from './names.ts'
import type { WriteMode } from './objects.ts'

const placeParams = z.object({ bucket: z.string(), '*': z.string() })
const bucketParams = z.object({ bucket: z.string() })

/** The object that a request's address names. */
export function placeOf({ params }: FastifyRequest): Place {
  const { bucket, '*': name } = placeParams.parse(params)
  return { bucketId: requireBucketId(bucket), name }
}

/** The bucket that a request's address names. */
export function bucketIdOf({ params }: FastifyRequest): string {
  return requireBucketId(bucketParams.parse(params).bucket)
}

/** What stands where an address may go on as it likes. */
export function wildcardOf({ params }: FastifyRequest): string {
  return z.object({ '*': z.string() }).parse(params)['*']
}

/** What a new object does when its name is taken. */
export function writeModeOf(request: FastifyRequest): Extract<WriteMode, 'create' | 'upsert'> {
  return request.headers['x-upsert'] === 'true' ? 'upsert' : 'create'
}

/** The token of a link, which is part of its address. */
export function tokenIn(request: FastifyRequest): string {
  const token = queryValue(request, 'token')
  if (!token) throw invalidRequest(`querystring must have required property 'token'`)
  return token
}

/** Transfers take as long as they take; what stands still is ended by the connection's own time limit. */
export const transfer = { handlerTimeout: 86_400_000 }
