import { describe, expect } from 'vitest'
import { type Database, openDatabase } from '../../src/db/client.ts'
import { insertRemoval } from '../../src/db/queries/file-removals.ts'
import { removeBytes, sweepUploads } from '../../src/services/core/files/upkeep.ts'
import type { ObjectStores } from '../../src/services/objects.ts'
import { supabaseStorage } from '../../src/storage/supabase-storage.ts'
import { keepFile } from '../support/files.ts'
import { test as resting } from '../support/resting.ts'
import { desk, holdings, nothing, putBytes, sentUpload } from '../support/uploads.ts'
import type { World } from '../support/world.ts'

interface Upkeep extends Pick<Database['own'], 'transaction'> {
  objects: ObjectStores
}

const test = resting.extend('upkeep', ({ stack }, { onCleanup }) => {
  const { database, supabase } = stack.connections
  const opened = openDatabase({ url: database.workerUrl, maxConnections: 8, onConnectionError: () => undefined })
  onCleanup(() => opened.close())
  return { transaction: opened.own.transaction, objects: supabaseStorage(supabase) } satisfies Upkeep
})

async function untilDone(work: () => Promise<boolean>): Promise<void> {
  while (await work());
}

const expire = ({ stack }: World, companyId: string) =>
  stack.owner.query(
    `update file_versions set expires_at = now() - interval '1 second' where company_id = $1 and status = 'uploading'`,
    [companyId],
  )
// The columns round to a millisecond, up as well as down.
const due = ({ stack }: World, companyId: string) =>
  stack.owner.query(`update file_removals set not_before = now() - interval '1 second' where company_id = $1`, [
    companyId,
  ])
/** As if no upload that was let in could still be under way. */
const over = ({ stack }: World, companyId: string) =>
  stack.owner.query(
    `update file_removals set not_before = now() - interval '1 second', watched_until = now() - interval '1 second' where company_id = $1`,
    [companyId],
  )
const removalsOf = async ({ stack }: World, companyId: string) => {
  const text = `select attempts, extract(epoch from not_before - now())::int as wait,
    extract(epoch from watched_until - now())::int as watched from file_removals where company_id = $1`
  return (await stack.owner.query<{ attempts: number; wait: number; watched: number }>(text, [companyId])).rows
}

describe('uploads whose time has run out', () => {
  test('are given up with their bytes, and those that have time are left', async ({ world, upkeep }) => {
    const { company, studioId } = await desk(world)
    const late = await Promise.all([1, 2, 3].map(() => sentUpload(company.member, { studioId })))
    await expire(world, company.id)
    const { file } = await sentUpload(company.member, { studioId })
    const kept = await keepFile(world.stack, company.admin, { studioId })
    await sweepUploads(upkeep)
    await over(world, company.id)
    await untilDone(() => removeBytes(upkeep))
    expect(await holdings(world.stack, company.id)).toEqual({
      files: 2,
      versions: 2,
      uploading: 1,
      objects: 2,
      usedBytes: 16,
    })
    expect(await removalsOf(world, company.id)).toEqual([])
    const confirm = company.member.api.files.confirmUpload.mutate({ uploadId: late[0]?.uploadId ?? '' })
    await expect(confirm).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } })
    for (const fileId of [file.id, kept.id])
      expect(await company.admin.api.files.byId.query({ fileId })).toMatchObject({ id: fileId })
  })

  test('of many companies are given up once by several workers at the same moment', async ({ world, upkeep }) => {
    const desks = await Promise.all([1, 2, 3].map(() => desk(world)))
    const announced = { filename: 'late.csv', fileSize: 8, mimeType: 'text/csv' }
    const begin = ({ company, studioId }: (typeof desks)[number]) =>
      company.member.api.files.beginUpload.mutate({ studioId, ...announced })
    for (let wave = 0; wave < 4; wave += 1)
      await Promise.all(desks.flatMap((one) => Array.from({ length: 10 }, () => begin(one))))
    for (const { company } of desks) await expire(world, company.id)
    await Promise.all([1, 2, 3, 4].map(() => untilDone(() => sweepUploads(upkeep))))
    for (const { company } of desks) {
      expect(await holdings(world.stack, company.id)).toEqual(nothing)
      expect(await removalsOf(world, company.id)).toHaveLength(40)
    }
  })

  test('are given up or confirmed, whichever comes first, and counted right', async ({ world, upkeep }) => {
    const { company, studioId } = await desk(world)
    const uploads = await Promise.all(Array.from({ length: 12 }, () => sentUpload(company.member, { studioId })))
    await expire(world, company.id)
    const confirms = uploads.map(({ uploadId }) =>
      company.member.api.files.confirmUpload.mutate({ uploadId }).then(
        () => 1,
        () => 0,
      ),
    )
    const [ready] = await Promise.all([Promise.all(confirms), sweepUploads(upkeep)])
    const count = ready.reduce<number>((sum, one) => sum + one, 0)
    expect(await holdings(world.stack, company.id)).toMatchObject({
      ...{ files: count, versions: count, uploading: 0, usedBytes: 8 * count },
    })
  })
})

describe('an upload of which more was stored than was announced', () => {
  test('is given up with its bytes before its time has run out, and no other is', async ({ world, upkeep }) => {
    const { company, studioId } = await desk(world)
    const { api } = company.member
    const announced = { studioId, filename: 'x.csv', fileSize: 1, mimeType: 'text/csv' }
    const { uploadUrl } = await api.files.beginUpload.mutate(announced)
    const { file } = await sentUpload(company.member, { studioId })
    await api.files.beginUpload.mutate({ ...announced, filename: 'not-there-yet.csv' })
    await putBytes(uploadUrl, 'a,b\n'.repeat(1000))
    expect(await holdings(world.stack, company.id)).toMatchObject({ uploading: 3, objects: 2, usedBytes: 10 })
    await sweepUploads(upkeep)
    await untilDone(() => removeBytes(upkeep))
    expect(await holdings(world.stack, company.id)).toMatchObject({ uploading: 2, objects: 1, usedBytes: 9 })
    expect(await api.files.byId.query({ fileId: file.id })).toMatchObject({ status: 'uploading' })
  })
})

describe('bytes whose file is gone', () => {
  test('and that came again do not wait for their next turn', async ({ world, upkeep }) => {
    const { company, studioId } = await desk(world)
    const { uploadId, uploadUrl } = await sentUpload(company.member, { studioId })
    await company.member.api.files.abandonUpload.mutate({ uploadId })
    await untilDone(() => removeBytes(upkeep))
    await putBytes(uploadUrl, 'c,d\n3,4\n')
    await sweepUploads(upkeep)
    await untilDone(() => removeBytes(upkeep))
    expect(await holdings(world.stack, company.id)).toEqual(nothing)
    expect(await removalsOf(world, company.id)).toHaveLength(1)
  })

  test('are left where somebody is about to claim them', async ({ world, upkeep }) => {
    const { company, studioId } = await desk(world)
    const { path } = await keepFile(world.stack, company.admin, { studioId })
    await upkeep.transaction((tx) => insertRemoval(tx, company.id, path))
    await sweepUploads(upkeep)
    await untilDone(() => removeBytes(upkeep))
    expect(await holdings(world.stack, company.id)).toMatchObject({ objects: 1 })
  })

  test.for(['given up', 'deleted for good'] as const)(
    'are found again while the address of an upload that was %s still opens',
    async (end, { world, upkeep }) => {
      const { company, studioId } = await desk(world)
      const { uploadId, uploadUrl, file } = await sentUpload(company.member, { studioId })
      const { files } = company.member.api
      if (end === 'given up') await files.abandonUpload.mutate({ uploadId })
      else {
        await files.confirmUpload.mutate({ uploadId })
        await files.trash.mutate({ fileId: file.id })
        await files.deleteForever.mutate({ fileId: file.id })
      }
      await untilDone(() => removeBytes(upkeep))
      expect(await holdings(world.stack, company.id)).toEqual(nothing)
      for (const _ of [1, 2]) {
        expect((await putBytes(uploadUrl, 'c,d\n3,4\n')).status).toBe(200)
        expect(await holdings(world.stack, company.id)).toMatchObject({ objects: 1, usedBytes: 0 })
        const [removal] = await removalsOf(world, company.id)
        expect(removal).toMatchObject({ attempts: 0 })
        expect(removal?.wait).toBeLessThanOrEqual(15 * 60)
        expect(removal?.watched).toBeGreaterThan(3.9 * 3600)
        await due(world, company.id)
        await untilDone(() => removeBytes(upkeep))
        expect(await holdings(world.stack, company.id)).toEqual(nothing)
      }
      await over(world, company.id)
      await untilDone(() => removeBytes(upkeep))
      expect(await removalsOf(world, company.id)).toEqual([])
    },
  )

  test('are not looked for any more once no address opens', async ({ world, upkeep }) => {
    const { company, studioId } = await desk(world)
    const { versionId } = await keepFile(world.stack, company.admin, { studioId })
    await world.stack.owner.query(`update file_versions set expires_at = now() - interval '3 hours' where id = $1`, [
      versionId,
    ])
    await world.stack.owner.query('delete from file_versions where company_id = $1', [company.id])
    await untilDone(() => removeBytes(upkeep))
    expect(await removalsOf(world, company.id)).toEqual([])
    expect(await holdings(world.stack, company.id)).toMatchObject({ objects: 0, usedBytes: 0 })
  })

  test('are removed at once where they were whole, by one of two workers', async ({ world, upkeep }) => {
    const { company, studioId } = await desk(world)
    const kept = await Promise.all([1, 2, 3].map(() => keepFile(world.stack, company.admin, { studioId })))
    await world.stack.owner.query('delete from file_versions where company_id = $1', [company.id])
    expect(await removalsOf(world, company.id)).toHaveLength(kept.length)
    await Promise.all([untilDone(() => removeBytes(upkeep)), untilDone(() => removeBytes(upkeep))])
    expect(await holdings(world.stack, company.id)).toMatchObject({ objects: 0, usedBytes: 0 })
  })

  test('are tried again after growing waits while the storage is out', async ({ world, upkeep }) => {
    const { company, studioId } = await desk(world)
    await keepFile(world.stack, company.admin, { studioId })
    await world.stack.owner.query('delete from file_versions where company_id = $1', [company.id])
    await world.stack.storage.stop()
    const waits: number[] = []
    for (const attempt of [1, 2, 3]) {
      await expect(removeBytes(upkeep)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      const [removal] = await removalsOf(world, company.id)
      expect(removal?.attempts).toBe(attempt)
      waits.push(Math.round((removal?.wait ?? 0) / 60))
      expect(await removeBytes(upkeep)).toBe(false)
      await due(world, company.id)
    }
    expect(waits).toEqual([1, 2, 4])
    await world.stack.storage.start()
    await untilDone(() => removeBytes(upkeep))
    expect(await holdings(world.stack, company.id)).toMatchObject({ objects: 0 })
  })
})
