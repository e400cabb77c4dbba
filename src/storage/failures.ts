import { z } from 'zod'
import { DomainError, type ErrorCode } from '../errors.ts'
import type { Answer } from './sending.ts'

// Storage answers most refusals with 400 and says the real status in the body (SUPABASE.md, section 2).
const refusal = z.object({
  statusCode: z.coerce.number().optional(),
  message: z.string().optional(),
  error: z.string().optional(),
})

const meanings: Record<number, { code: ErrorCode; message: string }> = {
  401: { code: 'UNAUTHORIZED', message: 'The file storage does not know your session; sign in again.' },
  403: {
    code: 'FORBIDDEN',
    message: 'The file storage does not let you do this with the file; ask its owner or an admin.',
  },
  404: { code: 'NOT_FOUND', message: 'The content of this file is not there, or you may not read it.' },
  409: { code: 'CONFLICT', message: 'The content of this upload is there already; confirm the upload.' },
  413: {
    code: 'PAYLOAD_TOO_LARGE',
    message: 'The file is larger than the file storage takes; send a smaller one, or have its limit raised to 100 MB.',
  },
  416: { code: 'BAD_REQUEST', message: 'The file has no such range of bytes.' },
}

/** @throws {DomainError} what the storage's refusal means to a caller. */
export function refused({ status, text }: Answer): never {
  const said = refusal.safeParse(parsed(text)).data
  const meaning = meanings[said?.statusCode ?? status]
  const cause = new Error(`The file storage answered ${status}: ${said?.message ?? said?.error ?? 'no reason'}`)
  if (meaning) throw new DomainError(meaning.code, meaning.message, { cause })
  throw new DomainError('UNAVAILABLE', 'The file storage could not do this at the moment; try again shortly.', {
    cause,
  })
}

/** @throws {DomainError} UNAVAILABLE; what the caller did itself, a broken upload for one, goes through as it is. */
export function outOfReach(cause: unknown): never {
  if (cause instanceof DomainError) throw cause
  const message = 'The file storage cannot be reached at the moment; nothing was changed. Try again shortly.'
  throw new DomainError('UNAVAILABLE', message, { cause })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
