import { createHash } from 'node:crypto'
import { describe, expect } from 'vitest'
import { plainEnvelope } from '../support/flows.ts'
import { readyToRun, watchToEnd } from '../support/runs.ts'
import { test } from '../support/world.ts'

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

/** Hands on everything that the engine was given, in its output and in its error. */
const talkative = {
  code: `export const code = async (given) => { if (given.input.fail) throw new Error('Given: ' + JSON.stringify(given)); return ${plainEnvelope('data: given')} }`,
  input: { whole: "{{trigger['body']}}", token: "{{trigger['body']['callback']['token']}}" },
  properties: { fail: { type: 'boolean' } },
}

describe('the secret by which a flow tells of its run', () => {
  test.for([[false], [true]] as const)(
    'is shown by none of its events, whether it fails: %s',
    async ([fail], { world }) => {
      const { person, start } = await readyToRun(world, talkative)
      const executionId = await start({ fail })
      const events = JSON.stringify(await watchToEnd(person, executionId))
      const { rows } = await world.stack.owner.query<{ hash: string }>(
        'select callback_secret_hash as hash from execution_attempts where execution_id = $1',
        [executionId],
      )
      const secrets = rows.map(({ hash }) => hash)
      expect(secrets).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)])
      const words = events.match(/[\w-]{20,}/g) ?? []
      expect(words.filter((word) => secrets.includes(hashOf(word)))).toEqual([])
      expect(events).toContain('(hidden)')
    },
  )
})
