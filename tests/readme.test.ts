import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect } from 'vitest'
import { processEnvironment } from '../src/config.ts'
import { test } from './support/world.ts'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

describe('the README', () => {
  test('plays the whole journey with the curl commands that it prints', async ({ stack }) => {
    const blocks = readme.matchAll(/```sh curl\n([\s\S]*?)```/g)
    const script = [...blocks].map(([, block]) => block).join('\n')
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], {
      env: { ...inheritedPath(), STUDIOS_URL: stack.url },
      maxBuffer: 64 * 1024 * 1024,
    })
    expect(stdout).toContain('"status":"pending"')
    expect(stdout).toContain('"role":"member","status":"approved"')
    expect(stdout).toContain('"slug":"deal-pipeline-analysis"')
    expect(stdout).toContain('Read the deals: done')
    expect(stdout).toMatch(/event: status\ndata: .*"status":"succeeded"/)
    expect(stdout).toMatch(/\nsucceeded\n.*win rate/)
    expect(stdout).toContain('How many deals are won: ')
    expect(stdout).toMatch(/"name":"Every Monday",.*"upcoming":\["/)
    expect(stdout).toContain('"filename":"Deals May.csv"')
    expect(stdout.split('opportunity_id,deal_stage\n1,Won\n2,Lost\n'), 'by its link, and shared').toHaveLength(3)
    expect(stdout).toContain('"level":"ok"')
  })

  test('names the commands that set everything up and that CI runs', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const ci = readFileSync(join(root, '.ci/run'), 'utf8')
    expect(readme).toContain('npm ci && npm start')
    expect(readme).toContain('npm ci && npm test')
    expect(ci).toContain('npm ci && npm test')
    for (const [, name] of readme.matchAll(/npm run (?:-s )?([\w:]+)/g)) expect(Object.keys(scripts)).toContain(name)
  })
})

// The scripts find curl and node where this process finds them.
function inheritedPath(): Record<string, string> {
  const path = processEnvironment()['PATH']
  return { PATH: `${resolve(process.execPath, '..')}:${path ?? ''}`, HOME: root }
}
