import { STATUS_CODES } from 'node:http'

const statusByCode: Record<string, number> = {
  INVALID_API_KEY: 401,
  INVALID_BEARER_TOKEN: 401,
  AUTHENTICATION: 401,
  INVALID_CREDENTIALS: 401,
  FEATURE_DISABLED: 402,
  QUOTA_EXCEEDED: 402,
  AUTHORIZATION: 403,
  PERMISSION_DENIED: 403,
  SESSION_EXPIRED: 403,
  INVITATION_ONLY_SIGN_UP: 403,
  ENTITY_NOT_FOUND: 404,
  VALIDATION: 409,
  EXISTING_USER: 409,
  PROJECT_EXTERNAL_ID_ALREADY_EXISTS: 409,
  FLOW_RUN_RETRY_OUTSIDE_RETENTION: 410,
}

/** An error of the engine's own domain, answered as `{ code, params }`; a code without an entry above is a 400. */
export class DomainError extends Error {
  readonly code: string
  readonly params: Record<string, unknown> | null
  readonly status: number

  constructor(code: string, params: Record<string, unknown> | null) {
    super(code)
    this.code = code
    this.params = params
    this.status = statusByCode[code] ?? 400
  }
}

/** An error in the web framework's shape, answered as `{ statusCode, code?, error, message }`. */
export class FrameworkError extends Error {
  readonly status: number
  readonly code: string | undefined

  constructor(status: number, message: string, code?: string) {
    super(message)
    this.status = status
    this.code = code
  }

  body() {
    const code = this.code === undefined ? {} : { code: this.code }
    return { statusCode: this.status, ...code, error: STATUS_CODES[this.status] ?? 'Error', message: this.message }
  }
}

export function notFound(entityType: string, entityId: string): DomainError {
  return new DomainError('ENTITY_NOT_FOUND', { entityId, entityType })
}

export function invalidRequest(message: string): FrameworkError {
  return new FrameworkError(400, message, 'FST_ERR_VALIDATION')
}
