import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, vi } from 'vitest'
import { readDemoFile } from '../../cli/demo/input.ts'
import { playJourney } from '../../cli/demo/journey.ts'
import { compileCache } from '../support/compile-cache.ts'
import { test } from '../support/world.ts'

const root = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

/** Plays the demo on a file, as somebody would in a shell. */
async function demo(file: string): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    const played = await run(process.execPath, ['cli/main.ts', 'demo', '--input', file], {
      cwd: root,
      env: { NO_COLOR: '1', ...compileCache },
    })
    return { code: 0, ...played }
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string }
  }
}

describe('the demo', () => {
  test('plays the whole journey on the sample that comes with the project, and its figures agree', async () => {
    const { code, stdout } = await demo('catalog/deal-pipeline-analysis/sample.csv')
    expect(code).toBe(0)
    for (const part of [
      'registered the company',
      'let in: Ben Colleague',
      'Read the deals: done',
      'How many deals are won',
    ]) {
      expect(stdout).toContain(part)
    }
    expect(stdout).toMatch(/checked: \d+ known figures of this file agree/)
  })

  test('takes any other export of deals', async ({ stack }) => {
    const file = join(mkdtempSync(join(tmpdir(), 'studios-demo-')), 'deals.csv')
    writeFileSync(
      file,
      'Deal;Stage;Owner;Amount;Opened;Closed\n1;Won;Ann;1.200,50;03.02.2026;01.03.2026\n2;Lost;Bob;90,00;05.02.2026;20.02.2026\n',
    )
    const printed: string[] = []
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0)
    onTestFinished(() => spy.mockRestore())
    await playJourney(stack, readDemoFile(file))
    expect(printed.join('')).toMatch(/wonValue +1200\.5/)
  })

  test('says why when the file holds no deals', async ({ stack }) => {
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation(() => true)
    onTestFinished(() => spy.mockRestore())
    await expect(playJourney(stack, readDemoFile('README.md'))).rejects.toThrow('no column for the stage of the deal')
  })

  test('ends with 1 and says why when there is no such file', async () => {
    const { code, stderr } = await demo('nowhere.csv')
    expect(code).toBe(1)
    expect(stderr).toContain('There is no file')
  })
})
