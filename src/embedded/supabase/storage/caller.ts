import type { FastifyRequest } from 'fastify'
import type { JWTPayload } from 'jose'
import type { Storage } from './context.ts'
import type { Session } from './database.ts'
import { accessDenied } from './errors.ts'
import { type Operation, operationOf } from './operations.ts'

const roles = ['anon', 'authenticated', 'service_role'] as const

/** Somebody with a genuine token, and what they ask for. */
export interface Caller {
  role: (typeof roles)[number]
  claims: JWTPayload
  method: string
  path: string
  operation: Operation
}

/** Whoever puts an object into a bucket. */
export interface Writer {
  session: Session
  /** Becomes the object's owner; null for whoever is nobody in particular. */
  ownerId: string | null
}

/** The caller, or undefined when the request names none. Throws when it names one and is not believed. */
export async function findCaller(storage: Storage, request: FastifyRequest): Promise<Caller | undefined> {
  const { authorization } = request.headers
  if (authorization === undefined) return undefined
  const claims = await verify(storage, authorization.replace(/^bearer /i, ''))
  const role = roles.find((known) => known === claims['role'])
  if (!role) throw accessDenied('The token names no role that Storage knows')
  const path = request.url.split('?')[0] ?? ''
  return { role, claims, method: request.method, path, operation: operationOf(request) }
}

export async function requireCaller(storage: Storage, request: FastifyRequest): Promise<Caller> {
  const caller = await findCaller(storage, request)
  if (!caller) throw accessDenied('Invalid Compact JWS')
  return caller
}

/** The caller's own session with the database. */
export async function requireSession(storage: Storage, request: FastifyRequest): Promise<Session> {
  return storage.db.sessionOf(await requireCaller(storage, request))
}

export async function requireWriter(storage: Storage, request: FastifyRequest): Promise<Writer> {
  const caller = await requireCaller(storage, request)
  return { session: storage.db.sessionOf(caller), ownerId: caller.claims.sub ?? null }
}

async function verify({ keys, now }: Storage, token: string): Promise<JWTPayload> {
  try {
    return await keys.verify(token, now())
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : undefined
    throw accessDenied(cause instanceof Error ? cause.message : 'Invalid Compact JWS')
  }
}
