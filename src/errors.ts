/** What can go wrong, as callers may rely on it. Each code has one HTTP status, given in `trpc.ts`. */
export const errorCodes = [
  'BAD_REQUEST',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'NOT_FOUND',
  'CONFLICT',
  'PRECONDITION_FAILED',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'QUOTA_EXCEEDED',
  'TOO_MANY_REQUESTS',
  'UNAVAILABLE',
  'INTERNAL',
] as const
export type ErrorCode = (typeof errorCodes)[number]

/** One fault of the input: where it is and what would be right. */
export interface Issue {
  path: string
  message: string
}

/** A refusal with a sentence for people; `cause` is for the log only and never leaves the server. */
export class DomainError extends Error {
  readonly code: ErrorCode
  readonly issues: Issue[]

  constructor(code: ErrorCode, message: string, details: { issues?: Issue[]; cause?: unknown } = {}) {
    super(message, { cause: details.cause })
    this.name = 'DomainError'
    this.code = code
    this.issues = details.issues ?? []
  }
}

/** @throws {DomainError} NOT_FOUND; the same whether the thing is missing or another company's. */
export function notFound(what: string, id: string): never {
  throw new DomainError(
    'NOT_FOUND',
    `There is no ${what} ${id} that you can see; check the id and which company you are in.`,
  )
}

/** @throws {DomainError} FORBIDDEN, naming the role that would be enough. */
export function roleTooLow(needed: string, held: string): never {
  throw new DomainError(
    'FORBIDDEN',
    `This needs the role ${needed} in the company; yours is ${held}. Ask an admin of the company.`,
  )
}

/** @throws {DomainError} BAD_REQUEST with every fault. */
export function badInput(issues: Issue[]): never {
  throw new DomainError('BAD_REQUEST', 'The input has faults; each is listed with its place.', { issues })
}
