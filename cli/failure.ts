import { studiosError } from '../src/client.ts'

/** Tells a failed command in plain words on standard error and makes the process end with 1. */
export function tellFailure(error: unknown): void {
  const told = studiosError(error)
  const lines = told
    ? [told.message, ...told.issues.map((issue) => `  ${issue.path}: ${issue.message}`)]
    : [plain(error)]
  if (told?.requestId) lines.push(`  request ${told.requestId}`)
  process.stderr.write(`${lines.join('\n')}\n`)
  process.exitCode = 1
}

function plain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const isUnreachable = /fetch failed|ECONNREFUSED/.test(`${error.message} ${String(error.cause)}`)
  return isUnreachable
    ? 'The server cannot be reached; start it with `npm start`, or set STUDIOS_URL to its address.'
    : error.message
}

/** Runs a command's work; whatever it throws is told, not dumped. */
export async function telling(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    tellFailure(error)
  }
}
