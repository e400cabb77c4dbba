import { setTimeout as sleep } from 'node:timers/promises'
import type { PieceCall, PieceFunction, PieceResult } from './piece.ts'

const unitMs: Record<string, number> = { seconds: 1000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 }

export const delayFor: PieceFunction = (call) => {
  const unit = String(call.input['unit'] ?? 'seconds')
  const ms = Number(call.input['delayFor']) * (unitMs[unit] ?? Number.NaN)
  if (Number.isNaN(ms)) throw new Error(`The delay needs a number and one of ${Object.keys(unitMs).join(', ')}`)
  return pause(call, ms, { delayForInMs: ms, success: true })
}

export const delayUntil: PieceFunction = (call) => {
  const value = call.input['delayUntilTimestamp']
  const until = typeof value === 'number' ? value : Date.parse(String(value))
  if (Number.isNaN(until)) throw new Error(`"${String(value)}" is not a date the delay can wait for`)
  return pause(call, until - call.now(), { delayForInMs: Math.max(0, until - call.now()), success: true })
}

async function pause(call: PieceCall, ms: number, output: object): Promise<PieceResult> {
  if (call.resume !== undefined) return { kind: 'output', output: { success: true } }
  if (ms > call.limits.pauseMs) throw new Error(`A flow cannot pause longer than ${call.limits.pauseMs} ms`)
  if (ms > call.limits.inProcessDelayMs) {
    call.createWaitpoint(call.now() + ms)
    return { kind: 'pause', output: {} }
  }
  await sleep(Math.max(0, ms), undefined, { signal: call.signal })
  return { kind: 'output', output }
}
