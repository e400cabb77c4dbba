import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startPostgres } from '../../src/embedded/postgres.ts'
import { makeRunFolder } from './run-folder.ts'
import { buildTemplate, type Template } from './template.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser address of the run's PostgreSQL, with `/postgres` as its database. */
    postgresUrl: string
    template: Template
    /** A folder for what tests leave behind; it goes away with the run. */
    scratch: string
  }
}

const throwAwaySettings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  checkpoint_timeout: '1h',
  // Its databases are too short-lived to gather what has to be swept.
  autovacuum: 'off',
  // Hashing is most of what a login costs its client; connections here are many and short.
  scram_iterations: '1',
  max_connections: '400',
}

/** One PostgreSQL for the whole run; suites take clones of its template database. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = makeRunFolder()
  const server = await startPostgres({
    dataDir: join(folder, 'postgres'),
    password: randomBytes(16).toString('hex'),
    settings: throwAwaySettings,
  })
  const close = async () => {
    await server.close()
    for (const gone of [server.dataDir, folder]) rmSync(gone, { recursive: true, force: true })
  }
  try {
    project.provide('scratch', folder)
    project.provide('postgresUrl', server.url('postgres'))
    project.provide('template', await buildTemplate(server.url('postgres'), folder))
    return close
  } catch (error) {
    await close()
    throw error
  }
}
