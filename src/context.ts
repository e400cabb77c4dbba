import type { FastifyRequest } from 'fastify'
import type { SystemInfo } from './contracts/system.ts'
import type { Database } from './db/client.ts'
import type { RequestDetails } from './db/scope.ts'
import { bearerToken } from './http/bearer-token.ts'
import type { Bell, Caller, ServiceContext } from './services/context.ts'
import type { ObjectStores } from './services/objects.ts'
import type { CompanyEngines } from './services/workflows/company-engines.ts'
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
  ring: ServiceContext['ring']
  /** The same database through the worker's login, for what it does on a caller's word. */
  vouchedDatabase: Database
  companyEngines: CompanyEngines
  objects: ObjectStores
  info: SystemInfo
  settings: { publicUrl: string }
}

/** Makes the context of a request: whose it is, and what its use cases work with. */
export function contextFactory(deps: ContextDeps): (request: FastifyRequest) => Context {
  return (request) => ({
    requestId: request.id,
    caller: request.caller,
    info: deps.info,
    serviceFor: (caller) => serviceContext(deps, caller, request),
  })
}

/** Claims for the end of an upload are good for so long, whenever the token ends. */
const endSeconds = 60

function serviceContext(deps: ContextDeps, caller: Caller, request: FastifyRequest): ServiceContext {
  const { database, vouchedDatabase, companyEngines, bell, ring } = deps
  const details = detailsOf(request)
  const { read, write, transaction } = database.scope(caller, details)
  const vouched = vouchedDatabase.vouched(caller, details)
  const takeBack = vouchedDatabase.own.transaction
  const vouchedEnd: ServiceContext['vouchedEnd'] = (work) =>
    vouchedDatabase.vouchedWrite({ ...caller, expiresAt: Math.ceil(Date.now() / 1000) + endSeconds }, details)(work)
  const objects = deps.objects.as(bearerToken(request) ?? '', caller.userId)
  const { publicUrl } = deps.settings
  const uploads = deps.objects.uploadsOf(caller.userId)
  const links = deps.objects.own
  const rights = { caller, read, write, transaction, vouched, vouchedEnd, takeBack }
  return { ...rights, objects, uploads, links, requestId: request.id, publicUrl, companyEngines, bell, ring }
}

/** What is recorded of a request beside what it does. */
export function detailsOf(request: FastifyRequest): RequestDetails {
  return { id: request.id, ip: request.ip, agent: String(request.headers['user-agent'] ?? '').slice(0, 500) }
}
