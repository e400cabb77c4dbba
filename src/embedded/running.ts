import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Connections } from '../connections.ts'
import { isAlive } from './lock.ts'

const account = z.union([
  z.object({ apiKey: z.string(), projectId: z.string() }),
  z.object({ email: z.string(), password: z.string(), projectId: z.string().optional() }),
])

const running = z.object({
  pid: z.int(),
  database: z.object({ workerUrl: z.string() }).optional(),
  engine: z.object({ url: z.string(), account, webhookSecret: z.string() }).optional(),
})

/** What an operator's commands need of the services that run embedded in another process. */
export type RunningServices = Pick<z.infer<typeof running>, 'database' | 'engine'>

const fileIn = (dataDir: string) => join(dataDir, 'running.json')

/** Lets commands find the embedded services for as long as they run; readable by the owner only, as the secrets are. */
export function noteRunning(dataDir: string, { database, engine }: Partial<Connections>): () => void {
  const file = fileIn(dataDir)
  const services = { pid: process.pid, database: database && { workerUrl: database.workerUrl }, engine }
  writeFileSync(`${file}.new`, JSON.stringify(services, null, 2), { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return () => rmSync(file, { force: true })
}

/** The embedded services that run on a data folder at this moment; nothing of those that do not. */
export function runningServices(dataDir: string): RunningServices {
  try {
    const { pid, ...services } = running.parse(JSON.parse(readFileSync(fileIn(dataDir), 'utf8')))
    return isAlive(pid) ? services : {}
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw error
  }
}
