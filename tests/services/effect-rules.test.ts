import { describe, expect, test } from 'vitest'
import { type Branch, mostBranches } from '../../src/contracts/companies.ts'
import { effectKinds } from '../../src/contracts/effects.ts'
import { templateManifest } from '../../src/contracts/template-manifest.ts'
import { withBranch } from '../../src/services/workflows/effects/branch.ts'
import { ruleOf } from '../../src/services/workflows/effects/registry.ts'
import { branch, contact, insight } from './effect-runs.ts'
import { save } from './saving.ts'

const north: Branch = { name: 'North', address: '1 North Road', contactPhone: '+1 555 0100' }
const south: Branch = { name: 'South', address: '1 South Road' }
const full = Array.from({ length: mostBranches }, (_, place) => ({
  name: `Branch ${place}`,
  address: '1 Example Road',
}))

describe('a branch', () => {
  test('of a new name is put behind the others', () => {
    expect(withBranch([north], south)).toEqual({ branches: [north, south], before: null, after: south })
    expect(() => withBranch(full, south)).toThrow('at most 200 branches')
  })

  test('that is there keeps its place, its name as it is written, and what is not given', () => {
    const after = { ...north, address: '2 North Road' }
    const changed = withBranch([north, south], { name: 'nORTH', address: '2 North Road' })
    expect(changed).toEqual({ branches: [after, south], before: north, after })
    expect(withBranch(full, { name: 'BRANCH 0', address: '2 Example Road' }).branches).toHaveLength(mostBranches)
  })
})

describe('the arguments of an effect', () => {
  const faultOf = ({ kind, arguments: given }: ReturnType<typeof branch>) => ruleOf(kind)?.faultOf(given)

  test('are taken where they are what the kind asks for', () => {
    const right = [
      branch('North', { contactEmail: 'north@example.com' }),
      contact({ contactPhone: null }),
      contact({ contactEmail: 'office@example.com', headquartersAddress: '1 Example Street' }),
      insight('Late payers', 'high'),
      save({ content: 'a,b\n', folder: 'Reports / 2026', accessLevel: 'private', tags: ['weekly'] }),
      save({ contentBase64: 'YSxiCg==', mimeType: 'text/csv' }),
    ]
    expect(right.map(faultOf)).toEqual(right.map(() => undefined))
  })

  test('are refused with the place of each fault', () => {
    expect(faultOf(branch('North', { contactEmail: 'nobody', contactPhone: null }))).toMatch(
      /^The arguments have faults\. contactEmail: .+; contactPhone: .+\.$/,
    )
    for (const one of [contact({}), contact({ name: 'New name' }), insight('x', 'huge'), insight(''), branch('')])
      expect(faultOf(one), JSON.stringify(one)).toMatch(/^The arguments have faults\. /)
  })

  test('are known for every kind that a manifest may declare, and for no other', () => {
    const { effects } = templateManifest.shape
    expect(effects.parse([...effectKinds])).toEqual(effectKinds)
    for (const kind of effectKinds) expect(ruleOf(kind), kind).toBeDefined()
    for (const kind of ['company.close', 'toString', '']) {
      expect(ruleOf(kind), kind).toBeUndefined()
      expect(effects.safeParse([kind]).success, kind).toBe(false)
    }
  })
})
