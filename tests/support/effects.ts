import { on } from 'node:events'
import pg from 'pg'
import type { EffectKind } from '../../src/contracts/effects.ts'
import type { Effect } from '../../src/contracts/envelope.ts'
import { plainEnvelope } from './flows.ts'
import type { TestStack } from './stack.ts'

/** A workflow whose runs ask for these effects. */
export const askingFor = (effects: Effect[]) => ({
  code: `export const code = async () => ${plainEnvelope(`effects: ${JSON.stringify(effects)}`)}`,
})

/** Has a published workflow declare the kinds of effect that its runs may ask for. */
export async function declare({ owner }: TestStack, templateId: string, kinds: readonly EffectKind[]): Promise<void> {
  await owner.query(
    `update workflow_template_versions set effects = $2, manifest = jsonb_set(manifest, '{effects}', $2) where template_id = $1`,
    [templateId, JSON.stringify(kinds)],
  )
}

/** Waits, woken by what is told of runs, until so many effects of a run are no longer waiting: all of them unless told. */
export async function effectsDecided(ownerUrl: string | undefined, executionId: string, count?: number): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  try {
    const notices = on(client, 'notification')
    await client.query('listen studios_events')
    const decided = async () => {
      const { rows } = await client.query<{ outcome: string }>(
        'select outcome from execution_effects where execution_id = $1',
        [executionId],
      )
      const waiting = rows.filter(({ outcome }) => outcome === 'waiting').length
      return rows.length > 0 && rows.length - waiting >= (count ?? rows.length)
    }
    while (!(await decided())) await notices.next()
  } finally {
    await client.end()
  }
}
