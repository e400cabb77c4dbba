import { initTRPC, TRPCError } from '@trpc/server'
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import { ZodError } from 'zod'
import type { Role } from './contracts/access.ts'
import type { SystemInfo } from './contracts/system.ts'
import { DomainError, type ErrorCode, type Issue } from './errors.ts'
import type { Caller, ServiceContext } from './services/context.ts'

/** What a request brings to a procedure; `service` is made once the procedure's level has let the caller in. */
export interface Context {
  requestId: string
  caller: Caller | undefined
  info: SystemInfo
  serviceFor(caller: Caller): ServiceContext
}

/** What is said of a procedure besides its code: its REST shape and the weakest role that may call it. */
export interface Meta {
  openapi?: RestShape
  /** What a procedure without a REST shape does. */
  summary?: string
  /** Absent on procedures that need no company. */
  role?: Role
}

export interface RestShape {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: `/${string}`
  tags: string[]
  summary: string
  successDescription?: string
  /** False where no token is needed. */
  protect?: false
}

type TrpcCode = TRPCError['code']

/** The one map from our codes to tRPC's, and through them to HTTP. */
export const trpcCodes = {
  BAD_REQUEST: 'BAD_REQUEST',
  UNAUTHORIZED: 'UNAUTHORIZED',
  FORBIDDEN: 'FORBIDDEN',
  NOT_FOUND: 'NOT_FOUND',
  CONFLICT: 'CONFLICT',
  PRECONDITION_FAILED: 'PRECONDITION_FAILED',
  PAYLOAD_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  UNSUPPORTED_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  QUOTA_EXCEEDED: 'PAYMENT_REQUIRED',
  TOO_MANY_REQUESTS: 'TOO_MANY_REQUESTS',
  UNAVAILABLE: 'SERVICE_UNAVAILABLE',
  INTERNAL: 'INTERNAL_SERVER_ERROR',
} as const satisfies Record<ErrorCode, TrpcCode>

/** What callers are told of an error; the rest goes to the log. */
export interface PublicError {
  code: ErrorCode
  message: string
  issues: Issue[]
}

/** An unknown error becomes one fixed sentence: its own text may hold SQL or data. */
export function publicError(error: unknown): PublicError {
  const thrown = error instanceof TRPCError && error.cause instanceof DomainError ? error.cause : error
  if (thrown instanceof DomainError) return { code: thrown.code, message: thrown.message, issues: thrown.issues }
  if (thrown instanceof TRPCError) return publicTrpcError(thrown)
  return {
    code: 'INTERNAL',
    message: 'Something went wrong on our side; nothing was changed. Give us the request id.',
    issues: [],
  }
}

function publicTrpcError(error: TRPCError): PublicError {
  if (error.code === 'BAD_REQUEST' && error.cause instanceof ZodError) {
    const issues = error.cause.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }))
    return { code: 'BAD_REQUEST', message: 'The input has faults; each is listed with its place.', issues }
  }
  const code = (Object.keys(trpcCodes) as ErrorCode[]).find((ours) => trpcCodes[ours] === error.code)
  if (code && code !== 'INTERNAL') return { code, message: error.message, issues: [] }
  if (error.code === 'PARSE_ERROR')
    return { code: 'BAD_REQUEST', message: 'The request is not valid JSON.', issues: [] }
  if (error.code === 'METHOD_NOT_SUPPORTED') return { code: 'BAD_REQUEST', message: error.message, issues: [] }
  return publicError(undefined)
}

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    isDev: false,
    sse: { ping: { enabled: true, intervalMs: 5000 }, client: { reconnectAfterInactivityMs: 15_000 } },
    errorFormatter: ({ error, ctx, path }) => {
      const { code, message, issues } = publicError(error)
      // What a subscription throws comes here as it is, without having passed `base`.
      const thrown = error.cause instanceof DomainError ? new TRPCError({ code: trpcCodes[code] }) : error
      const httpStatus = getHTTPStatusCodeFromError(thrown)
      return {
        message,
        code: TRPC_ERROR_CODES_BY_KEY[thrown.code],
        data: { code, httpStatus, path, issues, requestId: ctx?.requestId },
      }
    },
  })

export const router = t.router
export const createCallerFactory = t.createCallerFactory

// `next()` does not reject: a failure is a value, and only here does it get the code that tRPC answers with.
const base = t.procedure.use(async ({ next }) => {
  const result = await next()
  if (result.ok || !(result.error.cause instanceof DomainError)) return result
  const cause = result.error.cause
  throw new TRPCError({ code: trpcCodes[cause.code], message: cause.message, cause })
})

/** Anybody, signed in or not. */
export const publicProcedure = base

/** Anybody who is signed in. */
export const userProcedure = base.use(({ ctx, next }) => {
  const { caller } = ctx
  if (!caller)
    throw new DomainError('UNAUTHORIZED', 'Sign in first and send the access token as "Authorization: Bearer …".')
  return next({ ctx: { ...ctx, caller, service: ctx.serviceFor(caller) } })
})

// The levels below say which role a procedure needs; the use case asks the database, in the same transaction as its work.
/** Members of the company with any role. */
export const viewerProcedure = userProcedure.meta({ role: 'viewer' })
/** Members who work in the company. */
export const memberProcedure = userProcedure.meta({ role: 'member' })
/** Admins of the company. */
export const companyAdminProcedure = userProcedure.meta({ role: 'admin' })
