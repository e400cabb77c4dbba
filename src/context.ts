import type { FastifyRequest } from 'fastify'
import type { SystemInfo } from './contracts/system.ts'
import type { Database } from './db/client.ts'
import type { Bell, Caller, ServiceContext } from './services/context.ts'
import type { Context } from './trpc.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The verified caller; undefined when the request brought no token. */
    caller: Caller | undefined
  }
}

export interface ContextDeps {
  database: Database
  bell(id: string): Bell
  info: SystemInfo
}

/** Makes the context of a request: whose it is, and what its use cases work with. */
export function contextFactory({ database, bell, info }: ContextDeps): (request: FastifyRequest) => Context {
  return (request) => ({
    requestId: request.id,
    caller: request.caller,
    info,
    serviceFor: (caller) => serviceContext(database, bell, caller, request),
  })
}

function serviceContext(
  database: Database,
  bell: ContextDeps['bell'],
  caller: Caller,
  request: FastifyRequest,
): ServiceContext {
  const agent = String(request.headers['user-agent'] ?? '').slice(0, 500)
  const scope = database.scope(caller, { id: request.id, ip: request.ip, agent })
  return { caller, requestId: request.id, read: scope.read, transaction: scope.transaction, bell }
}
