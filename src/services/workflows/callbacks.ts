import type { CallbackMessage, CallbackReceipt } from '../../contracts/callbacks.ts'
import type { Tx } from '../../db/client.ts'
import { takeMessages } from '../../db/queries/callbacks.ts'
import { DomainError } from '../../errors.ts'
import { hideLinks } from './masking.ts'

/** Who sends: the run, and the hash of the secret that its attempt's start call brought along. */
export interface CallbackSender {
  executionId: string
  secretHash: string
}

/**
 * Takes what a flow tells of its run. Each message counts once by its id, in any order and however often it comes; what
 * comes after the attempt's end changes nothing.
 * @throws {DomainError} UNAUTHORIZED when the secret is none of this run's, whether or not there is such a run.
 */
export async function takeCallback(
  ctx: { write<T>(work: (tx: Tx) => Promise<T>): Promise<T> },
  sender: CallbackSender,
  messages: CallbackMessage[],
): Promise<CallbackReceipt> {
  // A result is not told as it comes; what it is made into is.
  const shown = messages.map((message) => (message.type === 'finished' ? message : hideLinks(message)))
  return (await ctx.write((tx) => takeMessages(tx, sender, shown))) ?? refuseSender()
}

/** @throws {DomainError} UNAUTHORIZED, in the one sentence that all get who bring no right secret. */
export function refuseSender(): never {
  throw new DomainError(
    'UNAUTHORIZED',
    'Send the secret that came with the start of this run\'s attempt as "Authorization: Bearer …".',
  )
}
