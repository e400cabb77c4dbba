import { asObject, isObject, type JsonObject } from '../json.ts'
import { isValidAction } from './definition.ts'
import { mapObject, migrateTrigger, stepNames, walkSteps } from './migration.ts'

const structure = new Set(['nextAction', 'firstLoopAction', 'children'])

/** An imported trigger as the server keeps it: migrated, each step stamped, with room for samples and its own verdict. */
export function prepareTrigger(trigger: JsonObject, schemaVersion: string | null | undefined, now: string): JsonObject {
  const prepared = stamp(migrateTrigger(trigger, schemaVersion), now, true)
  const isValid = prepared['type'] === 'PIECE_TRIGGER'
  return { ...prepared, valid: isValid && prepared['valid'] !== false }
}

function stamp(step: JsonObject, now: string, isTrigger: boolean): JsonObject {
  const own = mapObject(step, (value, key) => {
    if (key === 'children' && Array.isArray(value)) return value.map((child) => stampBelow(child, now))
    return structure.has(key) ? stampBelow(value, now) : value
  })
  if (isTrigger) return { ...own, lastUpdatedDate: now }
  const settings = { ...asObject(step['settings']), sampleData: asObject(asObject(step['settings'])['sampleData']) }
  return { ...own, settings, valid: isValidAction(step), lastUpdatedDate: now }
}

function stampBelow(value: unknown, now: string): unknown {
  return isObject(value) ? stamp(value, now, false) : value
}

/** A flow is valid when each of its steps is, and no two share a name. */
export function isValidFlow(trigger: unknown): boolean {
  const names = [...stepNames(trigger)]
  const steps = [...walkSteps(trigger)]
  return new Set(names).size === names.length && steps.every((step) => step['valid'] === true)
}

export function piecesOf(trigger: unknown): string[] {
  const names = [...walkSteps(trigger)].map((step) => asObject(step['settings'])['pieceName'])
  return [...new Set(names.filter((name) => typeof name === 'string'))]
}
