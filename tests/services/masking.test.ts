import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { excerpt } from '../../src/services/workflows/excerpt.ts'
import { maskFor } from '../../src/services/workflows/masking.ts'
import { plainEnvelope } from '../support/flows.ts'
import { readyToRun, watchToEnd } from '../support/runs.ts'
import { test } from '../support/world.ts'

const schema = {
  properties: {
    salary: { type: 'integer', 'x-sensitive': true },
    people: {
      type: 'array',
      items: {
        type: 'object',
        properties: { name: { type: 'string', 'x-sensitive': true }, city: { type: 'string' } },
      },
    },
    table: { type: 'string', 'x-sensitive': true },
    note: { type: 'string' },
  },
}

describe('what is told of a run', () => {
  test('hides values at sensitive places wherever they turn up, and what was taken out of them', () => {
    const input = {
      salary: 73_500,
      people: [{ name: 'Maria Example', city: 'Sampleton' }],
      table: 'name,plan\nAda Sample,gold\n',
      note: 'quarterly',
    }
    const mask = maskFor(schema, input)
    const told = {
      rows: [{ who: 'Ada Sample', plan: 'gold', pay: 73_500 }],
      text: 'Maria Example of Sampleton',
      count: 2,
    }
    expect(mask(told)).toEqual({
      rows: [{ who: '(hidden)', plan: '(hidden)', pay: '(hidden)' }],
      text: '(hidden) of Sampleton',
      count: 2,
    })
    expect(mask('quarterly')).toBe('quarterly')
  })

  test('gives the reason of a failure also where the sensitive text is long', () => {
    const table = `name,plan\n${'Ada Sample,gold\n'.repeat(10_000)}`
    const mask = maskFor(schema, { table })
    expect(mask({ error: 'Read the data: no column' })).toEqual({ error: '(hidden)' })
    expect(mask('Read the data: The file has no column "amount".')).toBe(
      'Read the data: The file has no column "amount".',
    )
    expect(mask('Ada Sample,gold')).toBe('(hidden)')
    expect(mask(`Not a table: ${table}`)).toBe('Not a table: (hidden)')
  })

  test('hides sensitive values in what it made to be read, and nothing that only occurs in one', () => {
    const table = `name,value\n${'Ada Sample,4500\n'.repeat(10_000)}`
    const { made } = maskFor(schema, { salary: 73_500, table })
    const figures = [
      { label: 'value', value: 4500 },
      { label: 'pay', value: 73_500 },
    ]
    expect(made({ title: 'Value: 4500 of 73500', figures })).toEqual({
      title: 'Value: 4500 of (hidden)',
      figures: [
        { label: 'value', value: 4500 },
        { label: 'pay', value: '(hidden)' },
      ],
    })
  })

  test('never holds a sensitive text, whatever is around it', () => {
    const word = fc.string({ minLength: 4, maxLength: 20 })
    fc.assert(
      fc.property(word, word, fc.array(word), (secret, before, others) => {
        const mask = maskFor(schema, { people: [{ name: secret }] })
        const told = JSON.stringify(mask([{ [before]: [secret, `${secret} ${others.join(' ')}`] }]).map(Object.values))
        return !told.includes(JSON.stringify(secret).slice(1, -1)) || '(hidden)'.includes(secret)
      }),
    )
  })

  test('stays small whatever a step gave, and says what was cut', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => Buffer.byteLength(JSON.stringify(excerpt(value))) <= 8192))
    expect(excerpt({ text: 'x'.repeat(9000) })).toEqual({
      text: `${'x'.repeat(500)}… (9000 characters in all)`,
    })
    const many = excerpt(Array.from({ length: 5000 }, (_, index) => index))
    expect(many).toHaveLength(11)
  })

  test('leaves out what no database keeps, and the run ends', async ({ world }) => {
    const odd = String.raw`'a\0b\ud800'`
    const { person, start } = await readyToRun(world, {
      steps: [
        { name: 'odd', code: `export const code = async () => ({ [${odd}]: ${odd} })` },
        { name: 'work', code: `export const code = async () => ${plainEnvelope(`data: { text: ${odd} }`)}` },
      ],
    })
    const executionId = await start()
    await watchToEnd(person, executionId)
    const run = await person.api.executions.byId.query({ executionId })
    expect(run.status).toBe('succeeded')
    const text = String(run.outputData?.data['text'])
    expect([text.startsWith('a'), text.includes('\0'), text.isWellFormed()]).toEqual([true, false, true])
  })

  test('hides sensitive input in the steps, errors and messages of a run', async ({ world }) => {
    const { person, start } = await readyToRun(world, {
      steps: [
        { name: 'look', title: 'Look', code: 'export const code = async ({ input }) => ({ seen: input.who, n: 7 })' },
        {
          name: 'refuse',
          title: 'Refuse',
          code: `export const code = async ({ input }) => { if (input.who) throw new Error('Nobody knows ' + input.who); return ${plainEnvelope()} }`,
        },
      ],
      properties: { who: { type: 'string', 'x-sensitive': true } },
    })
    const executionId = await start({ who: 'Maria Example' })
    const events = await watchToEnd(person, executionId)
    const { errorMessage } = await person.api.executions.byId.query({ executionId })
    expect(JSON.stringify([events, errorMessage])).not.toContain('Maria')
    expect(errorMessage).toBe('Refuse: Nobody knows (hidden)')
    const look = events.find(({ step, data }) => step === 'look' && data['status'] === 'succeeded')
    expect(look?.data).toMatchObject({ input: { input: { who: '(hidden)' } }, output: { seen: '(hidden)', n: 7 } })
    expect(look?.data['durationMs']).toEqual(expect.any(Number))
    expect(world.stack.logs.join('')).not.toContain('Maria')
  })

  test('hides sensitive input in the insights and effects of its result', async ({ world }) => {
    const insight = `{ id: 'one', title: 'About ' + input.who, finding: input.who, computation: 'Counted.', action: 'Go on.', importance: 'low', figures: [{ label: input.who, value: 1, type: 'number' }] }`
    const { person, start } = await readyToRun(world, {
      code: `export const code = async ({ input }) => ({ ...${plainEnvelope()}, insights: [${insight}], effects: [{ kind: 'greet.' + input.who, arguments: {} }] })`,
      properties: { who: { type: 'string', 'x-sensitive': true } },
    })
    const executionId = await start({ who: 'Maria Example' })
    const events = await watchToEnd(person, executionId)
    expect(JSON.stringify(events)).not.toContain('Maria')
    expect(events.find(({ type }) => type === 'insight')).toMatchObject({
      message: 'About (hidden)',
      data: { insight: { id: 'one', importance: 'low', figures: [{ label: '(hidden)', type: 'number' }] } },
    })
    expect((await person.api.executions.byId.query({ executionId })).outputData?.insights).toMatchObject([
      { title: 'About Maria Example' },
    ])
  })
})
