import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { compileCache } from '../support/compile-cache.ts'

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

  test('takes any other export of deals', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'studios-demo-')), 'deals.csv')
    writeFileSync(
      file,
      'Deal;Stage;Owner;Amount;Opened;Closed\n1;Won;Ann;1.200,50;03.02.2026;01.03.2026\n2;Lost;Bob;90,00;05.02.2026;20.02.2026\n',
    )
    const { code, stdout } = await demo(file)
    expect(code).toBe(0)
    expect(stdout).toMatch(/wonValue +1200\.5/)
  })

  test('ends with 1 and says why when the file holds no deals', async () => {
    const { code, stderr } = await demo('README.md')
    expect(code).toBe(1)
    expect(stderr).toContain('has no column for the stage of the deal')
  })
})
