import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import type { Database } from '../../src/db/client.ts'
import type { ScopeClaims } from '../../src/db/scope.ts'
import { type Row, type Run, refusalOf, runAs, runIn } from './support/run.ts'
import { furnish } from './support/tenant.ts'
import { test as base } from './support/two-companies.ts'

interface Begin {
  upload: string
  studio: string
  size: number
  type: string | null
  access: string
  hours: number
}

const checksum = 'a'.repeat(64)

const test = base
  .extend('database', { scope: 'file' }, ({ clone }) => clone.open())
  .extend('tenant', ({ owner }) => furnish(owner))
  .extend('begin', ({ database, tenant }) => (person: ScopeClaims, given: Partial<Begin> = {}) => {
    const plain = {
      upload: randomUUID(),
      studio: tenant.studioId,
      size: 8,
      type: 'text/csv',
      access: 'studio',
      hours: 2,
    }
    const { upload, studio, size, type, access, hours } = { ...plain, ...given }
    return runAs(database, person)(
      `select b.number, (b.file).* from app.begin_upload($1, $2, null, 'a.csv', $3, $4, $5, '{}', null, $6) b`,
      [upload, studio, size, type, access, new Date(Date.now() + hours * 3_600_000).toISOString()],
    )
  })
  .extend('complete', { scope: 'file' }, ({ clone }) => {
    const worker = clone.open({ url: clone.workerUrl })
    return (person: ScopeClaims, upload: string): Promise<Row[]> =>
      worker.vouchedWrite(person, { id: 'end', ip: '192.0.2.1', agent: 'tests' })((tx) =>
        runIn(tx)(`select c.used_bytes, c.max_bytes, (c.file).* from app.complete_upload($1, 5, 'text/csv', $2) c`, [
          upload,
          checksum,
        ]),
      )
  })

const bytesOf = async (owner: Run, companyId: string) =>
  Number((await owner('select used_bytes from company_storage where company_id = $1', [companyId]))[0]?.['used_bytes'])

describe('an upload begins in one statement', () => {
  test('in the name of the person who asks, with its record and its bytes in the quota', async ({
    owner,
    tenant,
    begin,
  }) => {
    const upload = randomUUID()
    const before = await bytesOf(owner, tenant.id)
    const [file] = await begin(tenant.member, { upload })
    const { userId } = tenant.member
    const path = `${tenant.id}/${upload}`
    expect(file).toMatchObject({ company_id: tenant.id, uploaded_by: userId, status: 'uploading', number: 1 })
    expect(file).toMatchObject({ supabase_path: path, mime_type: 'text/csv', file_size: 8 })
    expect(await bytesOf(owner, tenant.id)).toBe(before + 8)
    const written = `select v.id, v.status, v.uploaded_by, v.supabase_path, a.user_id as recorded
      from file_versions v join audit_logs a on a.resource_id = v.file_id where v.file_id = $1`
    expect(await owner(written, [file?.['id']])).toEqual([
      { id: upload, status: 'uploading', uploaded_by: userId, supabase_path: path, recorded: userId },
    ])
  })

  test('by nobody who may add no file there', async ({ owner, tenant, begin, companies: { theirs } }) => {
    const refused: Record<string, () => Promise<Row[]>> = {
      'a viewer': () => begin(tenant.viewer),
      'another company': () => begin(theirs.admin),
      'a member outside of a restricted studio': () => begin(tenant.member, { studio: tenant.restrictedStudioId }),
      'a session that has ended': () => begin({ ...tenant.admin, sessionId: theirs.admin.sessionId }),
      'claims that have run out': () => begin({ ...tenant.admin, expiresAt: 1 }),
    }
    const count = 'select count(*)::int as files from files where company_id = any ($1)'
    const before = await owner(count, [[tenant.id, theirs.id]])
    for (const [who, ask] of Object.entries(refused)) expect(await ask(), who).toEqual([])
    expect(await owner(count, [[tenant.id, theirs.id]])).toEqual(before)
    expect(await begin(tenant.admin, { studio: tenant.restrictedStudioId }), 'an admin enters it').toHaveLength(1)
  })

  test('with a type that the company allows, or one that is to be found out', async ({ owner, tenant, begin }) => {
    const allow = (types: unknown[]) =>
      owner(`update companies set settings = jsonb_build_object('filePolicy', $2::jsonb) where id = $1`, [
        tenant.id,
        JSON.stringify({ allowedTypes: types }),
      ])
    await allow(['application/pdf'])
    expect(await begin(tenant.member)).toEqual([])
    expect(await begin(tenant.member, { type: null })).toMatchObject([{ mime_type: 'application/octet-stream' }])
    expect(await begin(tenant.member, { type: 'application/pdf' })).toHaveLength(1)
    await allow([])
    expect(await begin(tenant.member)).toEqual([])
    await allow(['application/pdf', 5])
    expect(await begin(tenant.member), 'a list that cannot be read').toHaveLength(1)
  })

  test('under the rules that hold for rows however they come', async ({ owner, tenant, begin }) => {
    const before = await bytesOf(owner, tenant.id)
    expect(await refusalOf(begin(tenant.member, { hours: 25 }))).toMatchObject({ state: 'ST003' })
    expect(await refusalOf(begin(tenant.member, { size: 0 }))).toMatchObject({ state: '23514' })
    await owner('update company_limits set max_storage_bytes = $2 where company_id = $1', [tenant.id, before + 7])
    expect(await refusalOf(begin(tenant.member))).toMatchObject({ state: 'ST002' })
    await owner('update studios set archived_at = now() where id = $1', [tenant.studioId])
    expect(await refusalOf(begin(tenant.member, { size: 1 }))).toMatchObject({ state: 'ST003' })
    expect(await bytesOf(owner, tenant.id)).toBe(before)
  })
})

describe('an upload ends in one statement', () => {
  test('which gives the file and how full the storage is', async ({ owner, tenant, begin, complete }) => {
    const before = await bytesOf(owner, tenant.id)
    const upload = randomUUID()
    await begin(tenant.member, { upload })
    expect(await complete(tenant.member, upload)).toMatchObject([
      {
        status: 'ready',
        file_size: 5,
        checksum,
        supabase_path: `${tenant.id}/${upload}`,
        used_bytes: String(before + 5),
      },
    ])
    expect(await complete(tenant.member, upload), 'a second time').toEqual([])
  })

  test('for nobody but the person who began it, while their session lasts', async ({
    tenant,
    begin,
    complete,
    companies,
  }) => {
    const upload = randomUUID()
    await begin(tenant.member, { upload })
    const others = [tenant.admin, tenant.viewer, companies.theirs.admin]
    for (const person of others) expect(await complete(person, upload)).toEqual([])
    expect(await complete({ ...tenant.member, sessionId: tenant.admin.sessionId }, upload)).toEqual([])
    expect(await complete(tenant.member, upload)).toHaveLength(1)
  })

  test('without the file for whoever may not read it any more', async ({ owner, tenant, begin, complete }) => {
    const upload = randomUUID()
    const [file] = await begin(tenant.member, { upload })
    await owner(`update files set access_level = 'private', uploaded_by = $2 where id = $1`, [
      file?.['id'],
      tenant.admin.userId,
    ])
    expect(await complete(tenant.member, upload)).toMatchObject([{ id: null, filename: null, supabase_path: null }])
    expect(await owner('select status from files where id = $1', [file?.['id']])).toEqual([{ status: 'ready' }])
  })
})

describe('a content is opened in one statement', () => {
  const place = (database: Database, person: ScopeClaims, fileId: string, number: number | null = null) =>
    runAs(database, person)('select * from app.open_content($1, $2)', [fileId, number])

  test('by whoever may read it, who leaves a trace', async ({ owner, database, tenant }) => {
    const { fileId, viewer } = tenant
    const [file] = await owner('select filename, last_accessed from files where id = $1', [fileId])
    const [{ supabase_path: path } = {}] = await owner('select supabase_path from file_versions where file_id = $1', [
      fileId,
    ])
    expect(await place(database, viewer, fileId)).toEqual([{ filename: file?.['filename'], path }])
    expect(await place(database, viewer, fileId, 1)).toEqual([{ filename: file?.['filename'], path }])
    expect(await place(database, viewer, fileId, 2)).toEqual([])
    const [after] = await owner('select last_accessed from files where id = $1', [fileId])
    expect([file?.['last_accessed'], after?.['last_accessed']]).toEqual([null, expect.any(Date)])
  })

  test('by nobody else, who leaves none', async ({ owner, database, tenant, companies: { theirs } }) => {
    const { fileId, viewer, admin } = tenant
    const change = (to: string) => owner(`update files set ${to} where id = $1`, [fileId])
    expect(await place(database, theirs.admin, fileId)).toEqual([])
    expect(await place(database, { ...viewer, sessionId: admin.sessionId }, fileId)).toEqual([])
    await change(`access_level = 'private'`)
    for (const person of [viewer, admin]) expect(await place(database, person, fileId)).toEqual([])
    await change(`access_level = 'studio', studio_id = '${tenant.restrictedStudioId}', folder_id = null`)
    expect(await place(database, viewer, fileId)).toEqual([])
    await change(`access_level = 'company', deleted_at = now()`)
    expect(await place(database, viewer, fileId)).toEqual([])
    expect(await owner('select last_accessed from files where id = $1', [fileId])).toEqual([{ last_accessed: null }])
  })
})
