import fc from 'fast-check'
import { describe, expect } from 'vitest'
import type { EffectKind } from '../../src/contracts/effects.ts'
import type { Effect } from '../../src/contracts/envelope.ts'
import { applyAll, ask, branchesOf, contact, effectsOf, insight, test, toldOf } from './effect-runs.ts'

type Json = Record<string, unknown>

const names = ['North', 'NORTH', 'South', 'south', 'Harbour']
const optional = { requiredKeys: ['name', 'address'] as ['name', 'address'] }
const someBranch = fc.record(
  {
    name: fc.constantFrom(...names),
    address: fc.constantFrom('1 First Road', '2 Second Road'),
    contactEmail: fc.constantFrom('a@example.com', 'b@example.com'),
    contactPhone: fc.constantFrom('+1 555 0100', '+1 555 0101'),
  },
  optional,
)
const someContact = fc.record(
  {
    contactPhone: fc.constantFrom('+1 555 0102', null),
    headquartersAddress: fc.constantFrom('1 Example Street, Sampleton', '2 Example Street, Sampleton'),
  },
  { requiredKeys: [] },
)

/** Effects of every kind, and such as are malformed, not declared or not known. */
const someEffect: fc.Arbitrary<Effect> = fc.oneof(
  { weight: 4, arbitrary: someBranch.map((given) => ({ kind: 'branch.upsert', arguments: { ...given } })) },
  { weight: 2, arbitrary: someContact.map(contact) },
  { weight: 1, arbitrary: fc.constantFrom('One', 'Two').map((title) => insight(title)) },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'branch.upsert', arguments: { name: 'No address' } }) },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'company.close', arguments: {} }) },
)

const kindsDeclared = fc.constantFrom<EffectKind[]>(
  ['branch.upsert', 'company.updateContact', 'insight.record'],
  ['branch.upsert'],
  ['company.updateContact', 'insight.record'],
)

interface State {
  branches: Json[]
  contact: Json
  insights: string[]
}

function isAllowed({ kind, arguments: given }: Effect, declared: string[]): boolean {
  const isWellFormed = kind === 'branch.upsert' ? 'address' in given : Object.keys(given).length > 0
  return declared.includes(kind) && isWellFormed
}

/** What the contracts say of one allowed effect. */
function after(state: State, { kind, arguments: given }: Effect): State {
  if (kind === 'insight.record') return { ...state, insights: [...state.insights, String(given['title'])] }
  if (kind === 'company.updateContact') return { ...state, contact: { ...state.contact, ...given } }
  const isIt = (branch: Json) => String(branch['name']).toLowerCase() === String(given['name']).toLowerCase()
  if (!state.branches.some(isIt)) return { ...state, branches: [...state.branches, given] }
  const updated = (branch: Json) => ({ ...branch, ...given, name: branch['name'] })
  return { ...state, branches: state.branches.map((branch) => (isIt(branch) ? updated(branch) : branch)) }
}

describe('any effects of a run, whoever applies them', () => {
  test('leave what the allowed ones leave when they are done one after the other', async ({
    owner,
    worker,
    tenant,
  }) => {
    const contactOf = async () => {
      const columns = 'contact_phone as "contactPhone", headquarters_address as "headquartersAddress"'
      return (await owner(`select ${columns} from companies where id = $1`, [tenant.id]))[0] ?? {}
    }
    const property = fc.asyncProperty(
      fc.array(someEffect, { minLength: 1, maxLength: 10 }),
      kindsDeclared,
      async (effects, declared) => {
        const before: State = { branches: await branchesOf(owner, tenant), contact: await contactOf(), insights: [] }
        const executionId = await ask({ owner, worker }, tenant, effects, { declared })
        await Promise.all([applyAll(worker), applyAll(worker)])
        const expected = effects.filter((effect) => isAllowed(effect, declared)).reduce(after, before)
        const recorded = await owner('select title from insights where execution_id = $1 order by ordinal', [
          executionId,
        ])
        expect(await branchesOf(owner, tenant)).toEqual(expected.branches)
        expect(await contactOf()).toEqual(expected.contact)
        expect(recorded.map(({ title }) => title)).toEqual(expected.insights)
        const outcomes = (await effectsOf(owner, executionId)).map(({ outcome }) => outcome)
        expect(outcomes).toEqual(effects.map((one) => (isAllowed(one, declared) ? 'applied' : 'refused')))
        const applied = outcomes.flatMap((outcome, place) => (outcome === 'applied' ? [`${place + 1} applied`] : []))
        expect((await toldOf(owner, executionId)).slice(effects.length)).toEqual(applied)
      },
    )
    await fc.assert(property, { numRuns: 30 })
  })
})
