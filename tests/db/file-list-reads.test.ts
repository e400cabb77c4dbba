import { sql } from 'drizzle-orm'
import { expect, onTestFinished } from 'vitest'
import { type ListFilesInput, listFilesInput } from '../../src/contracts/file-lists.ts'
import { listFiles } from '../../src/db/queries/file-lists.ts'
import { claimsOf, databasesOf } from '../support/claims.ts'
import { test } from '../support/resting.ts'
import { desk } from '../support/uploads.ts'

const many = 3000

test.for([
  ['a kind', { kind: 'audio' }],
  ['a type', { mimeType: 'audio/mpeg' }],
  ['a kind that others have', { kind: 'video' }],
  ['a tag', { tags: 'unheard-of' }],
] as const)('a list by %s that no file has reads no other files', async ([, filter], { world }) => {
  const [{ company, studioId }, other] = await Promise.all([desk(world), desk(world)])
  for (const [place, type, count] of [
    [{ company, studioId }, 'text/csv', many],
    [other, 'video/mp4', 20],
  ] as const)
    await world.stack.owner.query(
      `insert into files (company_id, studio_id, uploaded_by, file_size, mime_type, supabase_path, checksum, status, filename)
       select $1, $2, $3, 5, $4, $1::uuid || '/' || gen_random_uuid(), repeat('a', 64), 'ready', 'report ' || n || '.csv'
       from generate_series(1, $5::int) n`,
      [place.company.id, place.studioId, place.company.admin.userId, type, count],
    )
  await world.stack.owner.query('analyze files')
  const { api, close } = databasesOf(world.stack)
  onTestFinished(close)
  const { read } = api.scope(claimsOf(company.member), { id: 'test', ip: '', agent: '' })
  const look = (input: ListFilesInput) =>
    read(async (tx) => {
      const found = await listFiles(tx, input, undefined)
      const { rows } = await tx.execute<{ reads: string }>(
        sql`select seq_tup_read + idx_tup_fetch as reads from pg_stat_xact_user_tables where relname = 'files'`,
      )
      return { found: found.length, reads: Number(rows[0]?.reads) }
    })
  expect(await look(listFilesInput.parse({ companyId: company.id, ...filter }))).toEqual({ found: 0, reads: 0 })
  const every = await look(listFilesInput.parse({ companyId: company.id, kind: 'table', limit: 10 }))
  expect(every.found).toBe(11)
  expect(every.reads).toBeLessThan(100)
})
