import pg from 'pg'
import { test as base, inject } from 'vitest'
import { type Database, openDatabase } from '../../../src/db/client.ts'
import { createDatabase } from '../../support/database.ts'

/** A migrated database of a test file's own, and the ways into it. */
export interface Clone {
  readonly ownerUrl: string
  readonly apiUrl: string
  readonly workerUrl: string
  readonly scopeKey: Buffer
  /** SQL as the superuser. */
  readonly owner: pg.Client
  /** The API's way in; closed with the clone. */
  open(options?: { maxConnections?: number; url?: string }): Database
  /** A bare connection, the API's unless told otherwise; closed with the clone. */
  connect(url?: string): Promise<pg.Client>
}

/** `test` with a `clone` that all tests of the file share. */
export const test = base.extend(
  'clone',
  { scope: 'file' }, // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixtures wanted from the pattern
  async ({}, { onCleanup }) => {
    const { clone, close } = await openClone()
    onCleanup(close)
    return clone
  },
)

async function openClone(): Promise<{ clone: Clone; close: () => Promise<void> }> {
  const template = inject('template')
  const database = await createDatabase(template.database)
  const closing: (() => Promise<void>)[] = []
  const connect = async (url: string) => {
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => undefined)
    await client.connect()
    closing.push(() => client.end())
    return client
  }
  const apiUrl = asRole(database.url, 'studios_api', template.apiPassword)
  const scopeKey = Buffer.from(template.scopeKey, 'hex')
  const clone: Clone = {
    ownerUrl: database.url,
    apiUrl,
    workerUrl: asRole(database.url, 'studios_worker', template.workerPassword),
    scopeKey,
    owner: await connect(database.url),
    open: ({ maxConnections = 1, url = apiUrl } = {}) => {
      const opened = openDatabase({ url, maxConnections, scopeKey, onConnectionError: () => undefined })
      closing.push(() => opened.close())
      return opened
    },
    connect: (url = apiUrl) => connect(url),
  }
  const close = async () => {
    await Promise.all(closing.map((end) => end()))
    await database.drop()
  }
  return { clone, close }
}

function asRole(url: string, username: string, password: string): string {
  return Object.assign(new URL(url), { username, password }).href
}
