import { describe, expect } from 'vitest'
import { effectKinds, largestArgumentBytes, mostEffects } from '../../src/contracts/effects.ts'
import { applyAll, ask, branch, branchesOf, contact, effectsOf, insight, test, toldOf } from './effect-runs.ts'

describe('what a run asks to change', () => {
  test('is written down in its order: refused at once what it may not ask for, waiting the rest', async ({
    owner,
    worker,
    tenant,
  }) => {
    const effects = [
      branch('North'),
      { kind: 'company.close', arguments: { now: true } },
      contact({ contactPhone: null }),
      branch('X', { address: 'no' }),
      branch('South', { adress: '1 South Road' }),
      contact({}),
      insight('Late payers'),
    ]
    const declared = ['branch.upsert' as const, 'insight.record' as const]
    const executionId = await ask({ owner, worker }, tenant, effects, { declared })
    const rows = await effectsOf(owner, executionId)
    expect(rows.map(({ kind, arguments: given }) => ({ kind, arguments: given }))).toEqual(effects)
    expect(rows.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['waiting', null],
      ['refused', `There is no such kind of effect; there are ${effectKinds.join(', ')}.`],
      ['refused', 'The workflow does not declare company.updateContact; only what it declares is done.'],
      ['refused', expect.stringMatching(/^The arguments have faults\. address: .*5/)],
      ['refused', expect.stringContaining('adress')],
      ['refused', 'The workflow does not declare company.updateContact; only what it declares is done.'],
      ['waiting', null],
    ])
    expect(await toldOf(owner, executionId)).toEqual([
      '1 waiting',
      ...[2, 3, 4, 5, 6].map((ordinal) => `${ordinal} refused`),
      '7 waiting',
    ])
    await applyAll(worker)
    expect((await branchesOf(owner, tenant)).map(({ name }) => name)).toEqual(['North'])
  })

  test('needs at least one field of the contact data', async ({ owner, worker, tenant }) => {
    const executionId = await ask({ owner, worker }, tenant, [contact({}), contact({ name: 'Taken over' })])
    for (const row of await effectsOf(owner, executionId)) expect(row).toMatchObject({ outcome: 'refused' })
  })

  test('may hold anything: what cannot be kept is refused and hides nothing', async ({ owner, worker, tenant }) => {
    const deep = JSON.parse(`${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`)
    const effects = [
      branch('North\0'),
      branch('North', { '\ud83d': 1 }),
      { kind: 'insight.record', arguments: deep },
      { kind: `half \ud83d and \0 and ${'long '.repeat(100)}`, arguments: {} },
      insight('x'.repeat(largestArgumentBytes)),
      branch('South'),
    ]
    const executionId = await ask({ owner, worker }, tenant, effects)
    const rows = await effectsOf(owner, executionId)
    expect(rows.map(({ outcome }) => outcome)).toEqual([...Array(5).fill('refused'), 'waiting'])
    expect(rows.slice(0, 5).map((row) => row['arguments'])).toEqual(Array(5).fill({}))
    expect(rows[0]).toMatchObject({
      reason: 'The arguments cannot be kept: arguments.name holds NUL or half a character.',
    })
    expect(rows[4]).toMatchObject({ reason: expect.stringContaining('larger than the 256 KB') })
  })

  test('ends after a thousand effects, and says how many more there were', async ({ owner, worker, tenant }) => {
    const many = Array.from({ length: mostEffects + 3 }, (_, place) => insight(`Insight ${place}`))
    const executionId = await ask({ owner, worker }, tenant, many)
    const rows = await effectsOf(owner, executionId)
    expect(rows).toHaveLength(mostEffects + 1)
    expect(rows.filter(({ outcome }) => outcome === 'waiting')).toHaveLength(mostEffects)
    expect(rows.at(-1)).toMatchObject({
      outcome: 'refused',
      reason: 'A run has at most 1000 effects; this one and the 2 after it are not done.',
    })
  })
})
