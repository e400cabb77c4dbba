import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startPostgres } from '../../src/embedded/postgres.ts'
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
  max_connections: '400',
}

/** One PostgreSQL for the whole run; suites take clones of its template database. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'studios-tests-'))
  const server = await startPostgres({
    dataDir: join(folder, 'postgres'),
    password: randomBytes(16).toString('hex'),
    settings: throwAwaySettings,
  })
  const close = async () => {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
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
