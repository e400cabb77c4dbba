import { z } from 'zod'
import type { Database } from './database.ts'

const installationRow = z.object({
  name: z.string(),
  id: z.string(),
  version: z.string(),
  packageType: z.enum(['REGISTRY', 'ARCHIVE']),
  archiveId: z.string().nullable(),
  created: z.string(),
  updated: z.string(),
})

/** That a piece was installed, from where and in which version. */
export type Installation = z.output<typeof installationRow>

export function findInstallation(database: Database, name: string): Installation | undefined {
  return database.one(installationRow, 'select * from pieces where name = ?', name)
}

/** Installing a piece again replaces what was there. */
export function saveInstallation(database: Database, installation: Installation): void {
  const { name, id, version, packageType, archiveId, created, updated } = installation
  database.run(
    `insert into pieces (name, id, version, packageType, archiveId, created, updated) values (?, ?, ?, ?, ?, ?, ?)
      on conflict (name) do update set version = excluded.version, packageType = excluded.packageType,
      archiveId = excluded.archiveId, updated = excluded.updated`,
    ...[name, id, version, packageType, archiveId, created, updated],
  )
}
