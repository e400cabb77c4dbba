import { DomainError } from '../errors.ts'
import type { ServiceContext } from '../services/context.ts'
import type { Context } from '../trpc.ts'

/** What a route outside the procedures works with. @throws {DomainError} UNAUTHORIZED when nobody is signed in. */
export function signedIn(ctx: Context): ServiceContext {
  if (ctx.caller) return ctx.serviceFor(ctx.caller)
  throw new DomainError('UNAUTHORIZED', 'Sign in first and send the access token as "Authorization: Bearer …".')
}
