import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { runCommand } from 'citty'
import { vi } from 'vitest'
import { main } from '../../cli/main.ts'
import { compileCache } from '../support/compile-cache.ts'
import type { TestStack } from '../support/stack.ts'

const root = resolve(import.meta.dirname, '../..')

interface Printed {
  code: number
  stdout: string
  stderr: string
}

/** `studios` with a session file of one's own: in this process, as its commands take most of their time to load. */
export function shell({ url }: TestStack, extra: Record<string, string> = {}) {
  const sessionFile = join(mkdtempSync(join(tmpdir(), 'studios-cli-')), 'session.json')
  const env = { STUDIOS_URL: url, STUDIOS_SESSION_FILE: sessionFile, NO_COLOR: '1', ...extra }
  const studios = (...args: string[]) => printedBy(args, env)
  /** The same in a process of its own. */
  const studiosProcess = async (...args: string[]): Promise<Printed> => {
    const child = start(args, env)
    const [stdout, stderr] = await Promise.all([child.stdout.toArray(), child.stderr.toArray()])
    return { code: child.exitCode ?? (await ended(child)), stdout: stdout.join(''), stderr: stderr.join('') }
  }
  /** The lines of a command that has no end, until one says `last`; something is done at the first. */
  const follow = async (args: string[], onBegin: () => Promise<unknown>, last: string) => {
    const child = start(args, env)
    const lines: string[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      if (lines.push(line) === 1) await onBegin()
      if (line.includes(last)) child.kill('SIGINT')
    }
    return lines.map((line) => JSON.parse(line))
  }
  return { studios, studiosProcess, follow, sessionFile }
}

function start(args: string[], env: Record<string, string>) {
  return spawn(process.execPath, ['cli/main.ts', ...args], { cwd: root, env: { ...compileCache, ...env } })
}

function ended(child: ReturnType<typeof start>): Promise<number> {
  return new Promise((done) => child.once('exit', (code) => done(code ?? 1)))
}

/** What a command prints under these variables. */
export async function printedBy(args: string[], env: Record<string, string>): Promise<Printed> {
  const printed = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      printed[name] += text
      return true
    }),
  )
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  try {
    await runCommand(main, { rawArgs: args })
    return { code: Number(process.exitCode ?? 0), ...printed }
  } finally {
    process.exitCode = undefined
    vi.unstubAllEnvs()
    for (const spy of spies) spy.mockRestore()
  }
}
