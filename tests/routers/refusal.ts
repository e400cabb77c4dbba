import { expect } from 'vitest'
import { type StudiosErrorData, studiosError } from '../../src/client.ts'
import { sorted } from './lists.ts'

type Refusal = StudiosErrorData & { message: string }

/** What the server said when it refused a call; fails when the call went through. */
export async function refusal(call: Promise<unknown>): Promise<Refusal> {
  const outcome = await call.then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error }),
  )
  if ('answer' in outcome) throw new Error(`the call was not refused but gave ${JSON.stringify(outcome.answer)}`)
  const told = studiosError(outcome.error)
  if (!told) throw outcome.error
  return told
}

/** The places of the faults that a refusal lists, in order. */
export async function faultyPaths(call: Promise<unknown>): Promise<string[]> {
  const { code, httpStatus, issues } = await refusal(call)
  if (code !== 'BAD_REQUEST' || httpStatus !== 400) throw new Error(`the call was refused as ${code}`)
  return sorted(issues.map(({ path }) => path))
}

/** Code and HTTP status that tell a thing which is not the caller's; the same as for one that does not exist. */
export const unseen = { code: 'NOT_FOUND', httpStatus: 404 }
export const alreadyThere = { code: 'CONFLICT', httpStatus: 409 }
export const notNow = { code: 'PRECONDITION_FAILED', httpStatus: 412 }

/** A refusal that names the role which would be enough. */
export function needsRole(role: string) {
  return { code: 'FORBIDDEN', httpStatus: 403, message: expect.stringContaining(`needs the role ${role}`) }
}
