import type { FastifyError } from 'fastify'
import { sqlState, violatedConstraint } from '../database.ts'
import type { Logger } from '../logger.ts'
import { invalidRequest, refusalOf, StorageError, tooLarge } from './errors.ts'

const brokenOff = ['ABORT_ERR', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'FST_MP_PREMATURE_CLOSE']

/** What whatever was thrown is answered with; what is nobody's doing but ours goes to the log. */
export function toStorageError(error: unknown, log: Logger): StorageError {
  if (error instanceof StorageError) return error
  const refusal = refusalOf(sqlState(error), violatedConstraint(error))
  if (refusal) return refusal
  const code = codeOf(error)
  if (brokenOff.includes(code)) return invalidRequest('The request ended before its body did')
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return tooLarge()
  if (code === 'FST_ERR_HANDLER_TIMEOUT') {
    return new StorageError(544, 'DatabaseTimeout', 'The connection to the database timed out')
  }
  if (isBadRequest(error)) return invalidRequest(error.message)
  log.error({ err: error }, 'a request to Storage failed')
  return new StorageError(500, 'InternalError', 'Internal server error')
}

/** Whether another attempt would end the same: a policy, a taken name or a missing bucket stood in the way. */
export function isRefusal(error: unknown): boolean {
  return error instanceof StorageError || ['42501', '23503', '23505'].includes(sqlState(error))
}

function isBadRequest(error: unknown): error is FastifyError {
  if (!(error instanceof Error) || !('statusCode' in error)) return false
  return typeof error.statusCode === 'number' && error.statusCode >= 400 && error.statusCode < 500
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
