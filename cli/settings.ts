import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { processEnvironment } from '../src/config.ts'

const settings = z.object({
  /** Address of the API that the commands speak to. */
  STUDIOS_URL: z.url().default('http://127.0.0.1:3000'),
  /** File that keeps who is signed in. */
  STUDIOS_SESSION_FILE: z.string().default(join(homedir(), '.studios', 'session.json')),
})

/** Where the commands speak to, and where they keep their session. */
export function cliSettings(variables = processEnvironment()): { url: string; sessionFile: string } {
  const { STUDIOS_URL, STUDIOS_SESSION_FILE } = settings.parse(variables)
  return { url: STUDIOS_URL.replace(/\/+$/, ''), sessionFile: STUDIOS_SESSION_FILE }
}
