import { z } from 'zod'
import { insight } from './envelope.ts'

export const callbackTypes = ['progress', 'log', 'insight', 'finished'] as const
/** `waiting`: a result that the worker has not taken yet. `late`: the run had ended before the message came. */
export const callbackOutcomes = ['waiting', 'applied', 'late'] as const

/** The largest request of a callback; a larger result is fetched from the engine instead. */
export const largestCallbackBytes = 8 * 1024 * 1024
export const mostMessages = 100

/** Longest JSON text of one insight: every watcher of the company is sent it. */
const largestInsight = 20_000

const messageId = z.string().min(1).max(100)
const text = z.string().min(1).max(2000)
const step = z.string().min(1).max(100).optional()

/** What a flow tells of its run. `id` is the flow's own: a message sent twice under one id counts once. */
export const callbackMessage = z.discriminatedUnion(
  'type',
  [
    z.object({
      id: messageId,
      type: z.literal('progress'),
      message: text,
      step,
      percent: z.number().min(0).max(100).optional(),
    }),
    z.object({
      id: messageId,
      type: z.literal('log'),
      message: text,
      step,
      level: z.enum(['debug', 'info', 'warning', 'error']).default('info'),
    }),
    z.object({
      id: messageId,
      type: z.literal('insight'),
      insight: insight.refine((one) => JSON.stringify(one).length <= largestInsight, {
        error: `must be at most ${largestInsight} characters as JSON`,
      }),
    }),
    z.object({
      id: messageId,
      type: z.literal('finished'),
      status: z.enum(['succeeded', 'failed']),
      output: z.unknown().optional(),
    }),
  ],
  { error: ({ code }) => (code === 'invalid_union' ? `must be one of ${callbackTypes.join(', ')}` : undefined) },
)
export type CallbackMessage = z.infer<typeof callbackMessage>

export const callbackBatch = z.object({ messages: z.array(callbackMessage).min(1).max(mostMessages) })

/** One message, or several at once. */
export const callbackBody = z.union([callbackMessage, callbackBatch])

/** How many messages were new, were known already, or came after the attempt had ended. */
export const callbackReceipt = z.object({ accepted: z.int(), repeated: z.int(), late: z.int() })
export type CallbackReceipt = z.infer<typeof callbackReceipt>
