import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished } from 'vitest'
import { catalogSlugs } from '../../catalog/index.ts'
import { noteRunning, runningServices } from '../../src/embedded/running.ts'
import { firstDifference } from '../../src/services/workflows/verification.ts'
import { plainEnvelope, publishWorkflow } from '../support/flows.ts'
import type { TestStack } from '../support/stack.ts'
import { test } from '../support/world.ts'
import { printedBy } from './shell.ts'

const catalog = await catalogSlugs()

/** A data folder, noted as one on which these services run. */
function dataFolder(stack?: TestStack) {
  const folder = mkdtempSync(join(tmpdir(), 'studios-engine-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const forget = stack ? noteRunning(folder, stack.connections) : () => undefined
  return { folder, forget }
}

function engine(dataDir: string, ...args: string[]) {
  return printedBy(['engine', ...args], { DATA_DIR: dataDir, NO_COLOR: '1' })
}

describe('the commands for the engine', () => {
  test('find what runs on the data folder, and nothing once it has stopped', async ({ stack }) => {
    const { folder, forget } = dataFolder(stack)
    const { engine: own, database } = stack.connections
    expect(runningServices(folder)).toMatchObject({
      database: { workerUrl: database.workerUrl },
      engine: { url: own.url, account: own.account, webhookSecret: own.webhookSecret },
    })
    expect(statSync(join(folder, 'running.json')).mode & 0o777).toBe(0o600)
    forget()
    expect(runningServices(folder)).toEqual({})
    expect(await engine(folder, 'status')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('start it with `npm start`'),
    })
  })

  test('tell the engine’s state and that of every workflow', async ({ stack }) => {
    const { code, stdout, stderr } = await engine(dataFolder(stack).folder, 'status')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('version    0.85.4, edition ce')
    for (const slug of catalog) expect(stdout).toMatch(new RegExp(`^${slug} .* published$`, 'm'))
  })

  test('publish without making anything twice', async ({ stack }) => {
    const { folder } = dataFolder(stack)
    const flows = async () => {
      const { rows } = await stack.owner.query(
        'select slug, activepieces_flow_id from workflow_templates order by slug',
      )
      return rows
    }
    const before = await flows()
    const { code, stdout } = await engine(folder, 'publish')
    expect([code, stdout.match(/unchanged$/gm)?.length]).toEqual([0, catalog.length])
    expect(await flows()).toEqual(before)
  })

  test('verify that every workflow gives the expected result, and end with 1 when one does not', async ({ stack }) => {
    const { folder } = dataFolder(stack)
    const fine = await engine(folder, 'verify')
    expect([fine.code, fine.stderr, fine.stdout.match(/as expected/g)?.length]).toEqual([0, '', catalog.length])
    const other = await publishWorkflow(stack, { code: `export const code = async () => ${plainEnvelope()}` })
    await stack.owner.query(
      `update workflow_templates set activepieces_flow_id = case slug
         when 'ticket-triage' then (select activepieces_flow_id from workflow_templates where slug = $1)
         when 'invoice-ageing' then $2 end
       where slug in ('ticket-triage', 'invoice-ageing')`,
      [other, 'A'.repeat(21)],
    )
    const wrong = await engine(folder, 'verify')
    expect([wrong.code, wrong.stderr]).toEqual([
      1,
      `2 of ${catalog.length} workflows did not give the expected result.\n`,
    ])
    expect(wrong.stdout).toMatch(/^ticket-triage .* differs .* nothing instead of/m)
    expect(wrong.stdout).toMatch(/^invoice-ageing .* not started .* missing at the engine/m)
    const status = await engine(folder, 'status')
    expect([status.code, status.stdout]).toEqual([1, expect.stringMatching(/^invoice-ageing .* missing$/m)])
  })
})

describe('two results', () => {
  test.for([
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, undefined],
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, 'a.1.b: 2 instead of 3'],
    [{ a: 1 }, { a: 1, b: null }, 'b: nothing instead of null'],
    [{ a: 1, b: 2 }, { a: 1 }, 'b: 2 instead of nothing'],
    [{ a: '1' }, { a: 1 }, 'a: "1" instead of 1'],
    [[], {}, 'result: [] instead of {}'],
    [undefined, { a: 1 }, 'result: nothing instead of {"a":1}'],
  ] as const)('%j and %j differ at: %s', ([actual, expected, difference]) => {
    expect(firstDifference(actual, expected)).toBe(difference)
  })
})
