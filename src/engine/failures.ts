import { BrokenCircuitError, BulkheadRejectedError } from 'cockatiel'
import { EngineUnavailable } from '../services/workflows/engine.ts'

/** The call certainly did not reach the engine: it may be made again without doing anything twice. */
export class NotSent extends EngineUnavailable {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'NotSent'
  }
}

/** The address that a company gave for its engine lies where the service may not call. */
export class AddressRefused extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'AddressRefused'
  }
}

const unsentCodes =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/

// What is wrong with the answer or with our own call says nothing about the network.
const notTheNetwork = /^UND_ERR_(RES_EXCEEDED_MAX_SIZE|INVALID_ARG)$/

/** What a failed call means, in one sentence. */
export function callFailure(what: string, cause: unknown): EngineUnavailable {
  if (cause instanceof EngineUnavailable) return cause
  if (cause instanceof AddressRefused) return new NotSent(cause.message, { cause })
  if (cause instanceof BrokenCircuitError)
    return new NotSent('The engine failed several times in a row; it is asked again in a moment.', { cause })
  if (cause instanceof BulkheadRejectedError)
    return new NotSent('Too many calls wait for the engine already.', { cause })
  if (unsentCodes.test(codeOf(cause))) return new NotSent('The engine cannot be reached.', { cause })
  return new EngineUnavailable(`The engine did not answer ${what}.`, { cause })
}

/** Whether a call failed on its way, or waiting: the engine, or what lies before it, is not well. */
export function isNetworkFailure(error: unknown): boolean {
  if (error instanceof EngineUnavailable || error instanceof AddressRefused) return false
  if (error instanceof BrokenCircuitError || error instanceof BulkheadRejectedError) return false
  return !notTheNetwork.test(codeOf(error))
}

export function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError'
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
