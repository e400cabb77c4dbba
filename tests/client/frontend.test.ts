import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../..')
const tsc = join(root, 'node_modules/typescript/bin/tsc')
let folder: string

/** A frontend project in a folder of its own, with the package as npm would install it. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'studios-frontend-'))
  cpSync(join(import.meta.dirname, 'fixture'), folder, { recursive: true })
  const installed = join(folder, 'node_modules/studios-ai')
  mkdirSync(installed, { recursive: true })
  cpSync(join(root, 'package.json'), join(installed, 'package.json'))
  // Several checkers check much of it twice.
  const options = ['-p', 'tsconfig.client.json', '--checkers', '1', '--outDir', join(installed, 'dist')]
  await run(process.execPath, [tsc, ...options], { cwd: root })
  await build({
    entryPoints: [join(root, 'src/client.ts')],
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    packages: 'external',
    outfile: join(installed, 'dist/client.js'),
  })
  for (const name of ['@trpc', 'eventsource', 'eventsource-parser', 'zod', 'drizzle-orm', '@types']) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  }
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a TypeScript frontend', () => {
  test('compiles right calls, and each wrong call is refused', async () => {
    await run(process.execPath, [tsc, '-p', '.'], { cwd: folder })
  })

  test('is told by the compiler when a wrong call is not marked as such', async () => {
    const unmarked = readFileSync(join(folder, 'wrong.ts'), 'utf8').replaceAll(/^\/\/ @ts-expect-error.*$/gm, '')
    writeFileSync(join(folder, 'wrong.ts'), unmarked)
    const failure = await run(process.execPath, [tsc, '-p', '.'], { cwd: folder }).then(
      () => '',
      (error: { stdout: string }) => error.stdout,
    )
    const wrongCalls = 7
    expect(new Set(failure.match(/^wrong\.ts\(\d+/gm)).size).toBe(wrongCalls)
  })

  test('gets no server code into its bundle', async () => {
    const { metafile } = await build({
      entryPoints: [join(folder, 'right.ts')],
      bundle: true,
      format: 'esm',
      platform: 'browser',
      write: false,
      metafile: true,
      absWorkingDir: folder,
    })
    const packages = new Set(
      Object.keys(metafile.inputs).map((path) => path.match(/node_modules\/(@[^/]+\/[^/]+|[^/]+)/)?.[1] ?? 'own'),
    )
    expect([...packages].sort((a, b) => a.localeCompare(b))).toEqual([
      '@trpc/client',
      '@trpc/server',
      'eventsource',
      'eventsource-parser',
      'own',
      'studios-ai',
    ])
  })
})
