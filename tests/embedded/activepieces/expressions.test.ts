import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePath, resolveValue } from '../../../src/embedded/activepieces/expressions.ts'
import { migrateTrigger, nestReferences } from '../../../src/embedded/activepieces/flows/migration.ts'

const steps: Record<string, unknown> = {
  step_1: { output: { a: { b: [1, { c: 'deep' }] }, "it's": 1, none: null, list: ['x', 'y'] } },
}
const resolver = { lookup: (name: string) => steps[name], compute: async (text: string) => `computed ${text.trim()}` }

describe('a reference', () => {
  test.for<[string, unknown]>([
    ["{{step_1['output']['a']['b'][1].c}}", 'deep'],
    ['{{ step_1.output.a.b }}', [1, { c: 'deep' }]],
    ["{{step_1['output']['it\\'s']}}", 1],
    ["{{step_1?.['output']?.a?.b?.[0]}}", 1],
    ["{{step_1['output']['list'].length}}", 2],
    ["{{step_1['output']['none']}}", ''],
    ["{{step_1['output']['missing']['more']}}", ''],
    ["{{step_1['output']['constructor']}}", ''],
    ["{{step_1['output']['__proto__']['toString']}}", ''],
    ['{{step_9.output}}', ''],
    ['{{step_1.output.a.b[0] + 1}}', 'computed step_1.output.a.b[0] + 1'],
    ["a {{step_1['output']['list']}} b {{step_1.output.list[0]}} c", 'a ["x","y"] b x c'],
    ['no reference', 'no reference'],
  ])('%s gives %j', async ([text, expected]) => {
    expect(await resolveValue(text, resolver)).toEqual(expected)
  })

  test('is found at any depth of an input', async () => {
    const input = { a: [{ b: "{{step_1['output']['list'][1]}}" }], c: 5, d: null }
    expect(await resolveValue(input, resolver)).toEqual({ a: [{ b: 'y' }], c: 5, d: null })
  })

  test('in brackets comes back as it was written, whatever the key', () => {
    const quoted = (key: string) => `['${key.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}']`
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (keys) => {
        expect(parsePath(`step_1${keys.map(quoted).join('')}`)?.keys).toEqual(keys)
      }),
    )
  })
})

describe('a migration to schema 22', () => {
  const names = new Set(['trigger', 'step_1'])

  test.for([
    ["{{trigger['body']['n']}}", "{{trigger['output']['body']['n']}}"],
    ['{{step_1}}', "{{step_1['output']}}"],
    ['{{ step_1.x }} and {{step_1[0]}}', "{{ step_1['output'].x }} and {{step_1['output'][0]}}"],
    ["{{trigger['step_1']}}", "{{trigger['output']['step_1']}}"],
    ['{{step_1.x + step_1.y}}', "{{step_1['output'].x + step_1['output'].y}}"],
    ['{{connections.slack}} step_1 {{step_10.x}}', '{{connections.slack}} step_1 {{step_10.x}}'],
  ] as const)('%s becomes %s', ([bare, nested]) => {
    expect(nestReferences(bare, names)).toBe(nested)
  })

  test('leaves source code alone, and a flow that declares 22', () => {
    const trigger = { name: 'trigger', settings: { sourceCode: { code: '{{trigger.x}}' }, input: '{{trigger.x}}' } }
    expect(migrateTrigger(trigger, '20')['settings']).toEqual({
      sourceCode: { code: '{{trigger.x}}' },
      input: "{{trigger['output'].x}}",
    })
    expect(migrateTrigger(trigger, '22')).toBe(trigger)
  })
})
