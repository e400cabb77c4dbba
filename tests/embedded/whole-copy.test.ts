import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test as base, describe, expect, vi } from 'vitest'
import { copyWhole } from '../../src/embedded/whole-copy.ts'

const program = `import { copyWhole } from ${JSON.stringify(fileURLToPath(new URL('../../src/embedded/whole-copy.ts', import.meta.url)))}
copyWhole(process.argv[1], process.argv[2])`

/** A tree whose copy takes long enough to be killed in its middle, and an empty place for the copy. */
const test = base.extend(
  'place', // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixtures wanted from the pattern
  async ({}, { onCleanup }) => {
    const folder = mkdtempSync(join(tmpdir(), 'studios-copy-'))
    onCleanup(() => rmSync(folder, { recursive: true }))
    const [from, place] = [join(folder, 'from'), join(folder, 'place')]
    mkdirSync(join(from, 'bin'), { recursive: true })
    mkdirSync(place)
    for (let number = 0; number < 600; number += 1) writeFileSync(join(from, 'bin', `${number}`), 'a program')
    return { from, place, to: join(place, 'programs') }
  },
)

/** A process that copies, as a start does. */
function copying(from: string, to: string): ChildProcess {
  return spawn(process.execPath, ['--input-type=module', '-e', program, from, to], { stdio: 'ignore' })
}

const ended = async (child: ChildProcess) => (await once(child, 'exit'))[0]

describe('a copy of the database’s programs', () => {
  test('is whole for each of several that start for the first time at once', async ({ place: { from, place, to } }) => {
    const codes = await Promise.all([1, 2, 3].map(() => ended(copying(from, to))))
    expect(codes).toEqual([0, 0, 0])
    expect(readdirSync(place)).toEqual(['programs'])
    expect(readdirSync(join(to, 'bin'))).toHaveLength(600)
  })

  test('that was killed in its middle is not there, and the next start removes what it left', async ({
    place: { from, place, to },
  }) => {
    const killed = copying(from, to)
    await vi.waitFor(() => expect(readdirSync(place)).toHaveLength(1), { interval: 1, timeout: 20_000 })
    killed.kill('SIGKILL')
    await ended(killed)
    expect(existsSync(to)).toBe(false)
    expect(readdirSync(place)).toHaveLength(1)
    copyWhole(from, to)
    expect(readdirSync(place)).toEqual(['programs'])
    expect(readdirSync(join(to, 'bin'))).toHaveLength(600)
  })

  test('leaves alone what a process that still runs is copying, and what is something else', ({
    place: { from, place, to },
  }) => {
    const others = [`programs.${process.ppid}.abcdef`, 'programs-of-another', 'programs2.1.abc']
    for (const name of others) mkdirSync(join(place, name))
    copyWhole(from, to)
    expect(new Set(readdirSync(place))).toEqual(new Set(['programs', ...others]))
  })

  test('that cannot be made leaves nothing', ({ place: { from, place, to } }) => {
    expect(() => copyWhole(join(from, 'nowhere'), to)).toThrow('ENOENT')
    expect(readdirSync(place)).toEqual([])
  })
})
