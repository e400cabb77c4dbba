import type { FastifyRequest } from 'fastify'

/** What a request does, in the words of Supabase's Storage; policies may ask for it as the setting `storage.operation`. */
export type Operation =
  | `storage.bucket.${'create' | 'delete' | 'empty' | 'get' | 'list' | 'update'}`
  | `storage.object.${'copy' | 'delete' | 'delete_many' | 'list' | 'list_v2' | 'move'}`
  | `storage.object.${'get_authenticated' | 'get_public' | 'get_signed' | 'info_public'}`
  | `storage.object.${'sign' | 'sign_many' | 'sign_upload_url'}`
  | `storage.object.${'upload' | 'upload_signed' | 'upload_update'}`
  | `object.${'get_authenticated_info' | 'head_authenticated_info'}`
  | `storage.tus.upload.${'create' | 'delete' | 'get' | 'part'}`

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: Operation
  }
}

/** The options of a route that does this. */
export function doing(operation: Operation): { config: { operation: Operation } } {
  return { config: { operation } }
}

/** @throws {Error} for a route of which it was not said what it does. */
export function operationOf({ routeOptions }: FastifyRequest): Operation {
  const { operation } = routeOptions.config
  if (!operation) throw new Error(`Nothing says what ${routeOptions.url} does.`)
  return operation
}
