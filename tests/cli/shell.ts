import { execFile, spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { compileCache } from '../support/compile-cache.ts'
import type { TestStack } from '../support/stack.ts'

const root = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

/** Runs `studios` as somebody would in a shell, with a session file of their own. */
export function shell({ url }: TestStack, extra: Record<string, string> = {}) {
  const sessionFile = join(mkdtempSync(join(tmpdir(), 'studios-cli-')), 'session.json')
  const env = { STUDIOS_URL: url, STUDIOS_SESSION_FILE: sessionFile, NO_COLOR: '1', ...compileCache, ...extra }
  const studios = async (...args: string[]) => {
    try {
      const { stdout, stderr } = await run(process.execPath, ['cli/main.ts', ...args], { cwd: root, env })
      return { code: 0, stdout, stderr }
    } catch (error) {
      return error as { code: number; stdout: string; stderr: string }
    }
  }
  /** The lines of a command that has no end, until one says `last`; something is done at the first. */
  const follow = async (args: string[], onBegin: () => Promise<unknown>, last: string) => {
    const child = spawn(process.execPath, ['cli/main.ts', ...args], { cwd: root, env })
    const lines: string[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      if (lines.push(line) === 1) await onBegin()
      if (line.includes(last)) child.kill('SIGINT')
    }
    return lines.map((line) => JSON.parse(line))
  }
  return { studios, follow, sessionFile }
}
