import { describe, expect } from 'vitest'
import { purgeTrash } from '../../src/services/core/files/trash.ts'
import { keepFile } from '../support/files.ts'
import { openWorkerDatabase, test } from '../support/turns.ts'
import { type Company, unique, type World } from '../support/world.ts'

async function bin(world: World, company?: Company) {
  const its = company ?? (await world.company())
  const { member } = its
  const { id: studioId } = await world.studio(its.admin, its.id)
  const age = (table: 'files' | 'folders', id: string, days: number) =>
    world.stack.owner.query(`update ${table} set deleted_at = now() - make_interval(days => $2) where id = $1`, [
      id,
      days,
    ])
  const trashed = async (daysAgo: number, folderId?: string) => {
    const { id: fileId } = await keepFile(world.stack, member, { studioId, ...(folderId && { folderId }) })
    await member.api.files.trash.mutate({ fileId })
    await age('files', fileId, daysAgo)
    return fileId
  }
  const left = async (table: 'files' | 'folders' = 'files') => {
    const { rows } = await world.stack.owner.query(`select id from ${table} where company_id = $1`, [its.id])
    return new Set(rows.map(({ id }) => String(id)))
  }
  return { company: its, studioId, age, trashed, left }
}

async function untilDone(database: ReturnType<typeof openWorkerDatabase>) {
  while (await purgeTrash(database.own));
}

describe('purging the trash', () => {
  test('deletes for good what is older than the company keeps it, and nothing else', async ({
    world,
    workerDatabase,
  }) => {
    const [usual, brief] = [await bin(world), await bin(world)]
    await brief.company.admin.api.files.policy.set.mutate({ companyId: brief.company.id, trashDays: 2 })
    const { id: living } = await keepFile(world.stack, usual.company.member, { studioId: usual.studioId })
    await world.stack.owner.query(`update files set upload_timestamp = '2001-01-01' where id = $1`, [living])
    const kept = await usual.trashed(29)
    await usual.trashed(31)
    await brief.trashed(3)
    const young = await brief.trashed(1)
    await untilDone(workerDatabase)
    expect(await usual.left()).toEqual(new Set([living, kept]))
    expect(await brief.left()).toEqual(new Set([young]))
    const { rows } = await world.stack.owner.query(
      `select count(*)::int as queued, (select used_bytes::int from company_storage where company_id = $1) as used
       from file_removals where company_id = $1`,
      [usual.company.id],
    )
    expect(rows).toEqual([{ queued: 1, used: 16 }])
  })

  test('removes folders that hold nothing any more, leaves first, and keeps the others', async ({
    world,
    workerDatabase,
  }) => {
    const { company, studioId, age, trashed, left } = await bin(world)
    const { folders } = company.member.api
    const make = async (name: string, parentId?: string) =>
      (await folders.create.mutate({ studioId, name, ...(parentId && { parentId }) })).id
    const outer = await make('Outer')
    const inner = await make('Inner', outer)
    await trashed(40, inner)
    const held = await make('Held')
    const fresh = await trashed(1, held)
    for (const folderId of [outer, held]) await folders.trash.mutate({ folderId })
    for (const id of [outer, inner, held]) await age('folders', id, 40)
    const young = await make('Young')
    await folders.trash.mutate({ folderId: young })
    await untilDone(workerDatabase)
    expect(await left('folders')).toEqual(new Set([held, young]))
    expect(await left()).toEqual(new Set([fresh]))
  })

  test('by two workers at once deletes each file once and keeps the storage right', async ({
    world,
    workerDatabase,
  }) => {
    const { company, studioId, left } = await bin(world)
    const { owner } = world.stack
    await owner.query(
      `with added as (
         insert into files (company_id, studio_id, uploaded_by, filename, file_size, mime_type, supabase_path, checksum, status, deleted_at)
         select $1, $2, $3, n || '.csv', 10, 'text/csv', $4 || n, repeat('a', 64), 'ready', now() - interval '31 days'
         from generate_series(1, 700) n returning id
       )
       insert into file_versions (id, company_id, file_id, uploaded_by, file_size, mime_type, supabase_path, checksum, status, expires_at)
       select u, $1, a.id, $3, 10, 'text/csv', $1::uuid || '/' || u, repeat('a', 64), 'ready', now()
       from added a, lateral (select gen_random_uuid() as u where a.id is not null) v`,
      [company.id, studioId, company.member.userId, `${company.id}/${unique()}`],
    )
    const second = openWorkerDatabase(world.stack)
    await Promise.all([untilDone(workerDatabase), untilDone(second)])
    await second.close()
    await untilDone(workerDatabase)
    expect(await left()).toEqual(new Set())
    const { rows } = await owner.query(
      `select used_bytes::int as used, (select count(*)::int from file_removals r where r.company_id = s.company_id) as queued
       from company_storage s where company_id = $1`,
      [company.id],
    )
    expect(rows).toEqual([{ used: 0, queued: 700 }])
    const records = `select distinct actor from audit_logs where company_id = $1 and resource_type = 'files' and action = 'delete'`
    expect((await owner.query(records, [company.id])).rows).toEqual([{ actor: 'worker' }])
  })
})
