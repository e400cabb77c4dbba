import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { compileCache } from '../../../../support/compile-cache.ts'
import { type Stack, storageAddress } from '../../support/stack.ts'

export interface KillableServer {
  url: string
  /** Ends it as a power cut would: nothing in it gets to say goodbye. */
  kill(): Promise<void>
}

/** A server on the stack's data, while the stack's own is closed. */
export async function startKillable({ databaseUrl, dataDir, keys }: Stack): Promise<KillableServer> {
  const storageDatabaseUrl = storageAddress(databaseUrl)
  const options = { databaseUrl, storageDatabaseUrl, dataDir, keys, storageSettings: { checkpointBytes: 1_000_000 } }
  const script = fileURLToPath(new URL('./process.ts', import.meta.url))
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    env: compileCache,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = await once(child.stdout, 'data')
  const kill = async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return { url: String(line).trim(), kill }
}
