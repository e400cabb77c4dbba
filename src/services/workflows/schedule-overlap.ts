import type { OverlapRule } from '../../contracts/schedules.ts'

/** What stands before a schedule's next run: one that is going, and occurrences that wait for its end. */
export interface Standing {
  isGoing: boolean
  waiting: number
}

/** What becomes of an occurrence; the first one that waits is started as soon as nothing is going. */
export interface Verdict {
  dueAt: string
  outcome: 'waiting' | 'skipped' | 'coalesced'
  reason: string | null
}

/** Occurrences of a schedule that wait at once. */
const mostWaiting = 100

/** How many occurrences are recorded when a schedule came due many times while nobody looked; older ones are not. */
export const mostRecorded = { skip: 100, coalesce: 100, queue: 1000 } as const satisfies Record<OverlapRule, number>

const wasStopped = 'The service was stopped at that time'
const wasGoing = 'The run before it was still going.'

const rules = { skip: { missed: left, newest: skip }, coalesce: { missed: stoodFor, newest: coalesce } }

/** Decides about the times at which a schedule has come due, oldest first; all but the newest were missed. */
export function judge(overlap: OverlapRule, dues: readonly string[], standing: Standing): Verdict[] {
  if (overlap === 'queue') return judgeQueue(dues, standing)
  const { missed, newest } = rules[overlap]
  return dues.map((dueAt, place) => (place < dues.length - 1 ? missed(dueAt) : newest(dueAt, standing)))
}

function skip(dueAt: string, { isGoing, waiting }: Standing): Verdict {
  if (isGoing || waiting > 0) return { dueAt, outcome: 'skipped', reason: wasGoing }
  return { dueAt, outcome: 'waiting', reason: null }
}

function coalesce(dueAt: string, { waiting }: Standing): Verdict {
  if (waiting > 0)
    return { dueAt, outcome: 'coalesced', reason: 'An earlier occurrence waits and stands for this one.' }
  return { dueAt, outcome: 'waiting', reason: null }
}

function left(dueAt: string): Verdict {
  return { dueAt, outcome: 'skipped', reason: `${wasStopped}.` }
}

function stoodFor(dueAt: string): Verdict {
  return { dueAt, outcome: 'coalesced', reason: `${wasStopped}; one run stands for all that was missed.` }
}

function judgeQueue(dues: readonly string[], { waiting }: Standing): Verdict[] {
  const room = Math.max(0, mostWaiting - waiting)
  const reason =
    dues.length > 1
      ? `${wasStopped}, and ${mostWaiting} later occurrences wait.`
      : `${mostWaiting} occurrences wait already.`
  return dues.map((dueAt, place) =>
    place < dues.length - room ? { dueAt, outcome: 'skipped', reason } : { dueAt, outcome: 'waiting', reason: null },
  )
}
