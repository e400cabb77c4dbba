import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startPostgres } from '../../src/embedded/postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser address of the suite's PostgreSQL, with `/postgres` as its database. */
    postgresUrl: string
  }
}

const throwAwaySettings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '400',
}

/** One PostgreSQL for the whole run; suites take clones of its template database. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'studios-tests-'))
  const server = await startPostgres({
    dataDir: join(dataDir, 'postgres'),
    password: randomBytes(16).toString('hex'),
    settings: throwAwaySettings,
  })
  project.provide('postgresUrl', server.url('postgres'))
  return async () => {
    await server.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
}
