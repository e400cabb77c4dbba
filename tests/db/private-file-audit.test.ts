import { expect } from 'vitest'
import { migrateDown, migrateUp } from '../../src/db/migrations.ts'
import { test } from './support/two-companies.ts'

const migration = '0026_keep_links_short_and_private_files_unseen.sql'

test('what the audit had kept of private files is taken out of it, of others it stays', async ({
  clone,
  owner,
  companies: { ours, theirs },
}) => {
  const rows = await owner('select id, company_id from files where company_id in ($1, $2) order by id', [
    ours.id,
    theirs.id,
  ])
  const [mine, open] = rows
  await owner(`update files set access_level = case when id = $1 then 'private' else 'studio' end`, [mine?.['id']])
  while (!(await migrateDown(clone.ownerUrl, 1)).includes(migration));
  const note = async (file: typeof mine, action: string, changes: object) =>
    owner(
      `insert into audit_logs (company_id, actor, action, resource_type, resource_id, changes, request_id)
       values ($1, 'operator', $2, 'files', $3, $4, 'before')`,
      [file?.['company_id'], action, file?.['id'], JSON.stringify(changes)],
    )
  const tags = { before: [], after: ['layoffs'] }
  for (const file of [mine, open]) {
    await note(file, 'insert', { filename: 'a.csv', file_size: 8, checksum: 'abc' })
    await note(file, 'update', { tags })
  }
  await migrateUp(clone.ownerUrl)
  const kept = await owner(
    `select resource_id as id, changes from audit_logs where request_id = 'before' order by resource_id = $1 desc, action`,
    [mine?.['id']],
  )
  expect(kept).toEqual([
    { id: mine?.['id'], changes: { filename: 'a.csv', file_size: 8, checksum: '(not kept here)' } },
    { id: mine?.['id'], changes: { tags: '(not kept here)' } },
    { id: open?.['id'], changes: { filename: 'a.csv', file_size: 8, checksum: 'abc' } },
    { id: open?.['id'], changes: { tags } },
  ])
})
