import { describe, expect } from 'vitest'
import { removeBytes } from '../../src/services/core/files/upkeep.ts'
import { applyEffects } from '../../src/services/workflows/effects/apply.ts'
import { fileIdOf } from '../../src/services/workflows/effects/file.ts'
import { supabaseStorage } from '../../src/storage/supabase-storage.ts'
import type { World } from '../support/world.ts'
import { applyAll, asking, bytesAt, keptFor, type Saver, save, sha256, test, toldOf } from './saving.ts'

const table = 'name,city\nAda,Köln\n'
const png = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex')

describe('a file that a run saves', () => {
  test('lies in its studio, in the starter’s name, and is listed with the run', async ({ world, saver }) => {
    const { place, executionId } = await asking(world, saver, [
      save({ content: table, folder: 'Reports/2026', tags: ['weekly'], accessLevel: 'company' }),
      save({ filename: 'chart.png', contentBase64: png.toString('base64'), mimeType: 'image/png', folder: 'reports' }),
      save({ filename: 'own.txt', content: 'mine', accessLevel: 'private' }),
    ])
    await applyAll(saver)
    const { member, viewer } = place.company
    const ids = [1, 2, 3].map((ordinal) => fileIdOf({ executionId, ordinal }))
    const [report, chart, own] = await Promise.all(ids.map((fileId) => member.api.files.byId.query({ fileId })))
    const common = { studioId: place.studioId, uploadedBy: member.userId, status: 'ready', version: 1 }
    expect(report).toMatchObject({ ...common, filename: 'report.csv', mimeType: 'text/csv', accessLevel: 'company' })
    expect(report).toMatchObject({ fileSize: Buffer.byteLength(table), checksum: sha256(table), tags: ['weekly'] })
    expect(chart).toMatchObject({ ...common, mimeType: 'image/png', checksum: sha256(png), accessLevel: 'studio' })
    expect(own).toMatchObject({ ...common, folderId: null, mimeType: 'text/plain', accessLevel: 'private' })
    await expect(viewer.api.files.byId.query({ fileId: ids[2] ?? '' })).rejects.toThrow('There is no file')
    const { rows: folders } = await world.stack.owner.query(
      'select id, parent_id, name, created_by from folders where studio_id = $1 order by parent_id nulls first',
      [place.studioId],
    )
    expect(folders).toEqual([
      { id: chart?.folderId, parent_id: null, name: 'Reports', created_by: member.userId },
      { id: report?.folderId, parent_id: chart?.folderId, name: '2026', created_by: member.userId },
    ])
    const { files, usedBytes, removals, objects } = await keptFor(world, place.companyId)
    expect(await bytesAt(world.stack, files[0].supabase_path)).toEqual(Buffer.from(table))
    expect(new Set(objects)).toEqual(new Set(files.map((file) => file.supabase_path)))
    expect([usedBytes, removals]).toEqual([Buffer.byteLength(table) + png.length + 4, []])
    const { items } = await member.api.executions.files.query({ executionId })
    const named = (filename: string, place: number) => ({ filename, fileId: ids[place], usage: 'output', version: 1 })
    expect(items).toMatchObject([named('report.csv', 0), named('chart.png', 1), named('own.txt', 2)])
    const run = await member.api.executions.byId.query({ executionId })
    expect(run.filesUsed).toEqual(ids.map((file_id) => ({ file_id, usage_type: 'output' })))
    const { rows: audited } = await world.stack.owner.query(
      `select distinct user_id, actor from audit_logs where company_id = $1 and resource_type in ('files', 'folders')`,
      [place.companyId],
    )
    expect(audited).toEqual([{ user_id: member.userId, actor: 'worker' }])
  })

  test('is told as what was changed; its content is shown nowhere', async ({ world, saver }) => {
    const content = `${table}secret of the file\n`
    const { place, executionId } = await asking(world, saver, [save({ content })])
    const note = `(${content.length} characters, not kept here)`
    expect(await toldOf(place, executionId)).toMatchObject([{ outcome: 'waiting', arguments: { content: note } }])
    await applyAll(saver)
    const id = fileIdOf({ executionId, ordinal: 1 })
    const after = { filename: 'report.csv', folderId: null, mimeType: 'text/csv', accessLevel: 'studio', tags: [] }
    expect(await toldOf(place, executionId)).toEqual([
      {
        ...{ ordinal: 1, kind: 'file.save', outcome: 'applied', reason: null, appliedAt: expect.any(String) },
        arguments: { filename: 'report.csv', content: note },
        result: {
          ...{ entity: 'file', id, before: null, userId: place.company.member.userId },
          after: { ...after, fileSize: content.length + 1 },
        },
      },
    ])
    const { rows } = await world.stack.owner.query('select * from execution_effects where execution_id = $1', [
      executionId,
    ])
    expect(JSON.stringify(rows)).not.toContain('secret of the file')
  })
})

describe('a file that cannot be saved', () => {
  const misfits: [string, object, string][] = [
    [
      'is not what it says',
      { filename: 'photo.png', content: 'no photo' },
      'says that it is image/png, but its content is text/plain',
    ],
    [
      'is of a type that is never taken',
      { filename: 'run.sh', content: '#!/bin/sh\n' },
      'are not allowed in this company',
    ],
    ['has no content', {}, 'must have either content or contentBase64'],
    ['has two contents', { content: 'a', contentBase64: 'YQ==' }, 'must have either content or contentBase64'],
    ['has an empty content', { content: '' }, 'content: '],
    ['is no base64', { contentBase64: 'not base64!' }, 'contentBase64: '],
    ['has a path for a name', { filename: '../report.csv', content: 'a' }, 'filename: must not contain slashes'],
    ['has a way out as its folder', { folder: 'a/../b', content: 'a' }, 'folder.1: must be a name and not a path'],
    ['is larger than an effect may be', { content: 'x'.repeat(6 * 1024 * 1024) }, 'larger than the 6144 KB'],
  ]

  test.for(misfits)('as it %s is refused and leaves nothing', async ([, given, reason], { world, saver }) => {
    const { place, executionId } = await asking(world, saver, [save(given), save({ content: 'fine,so\n' })])
    await applyAll(saver)
    const [refused, other] = await toldOf(place, executionId)
    expect(refused).toMatchObject({ outcome: 'refused', reason: expect.stringContaining(reason), result: null })
    expect(other).toMatchObject({ outcome: 'applied' })
    await removeBytes(saver)
    const { files, objects, removals } = await keptFor(world, place.companyId)
    expect([files.length, objects.length, removals]).toEqual([1, 1, []])
  })

  const obstacles: [
    string,
    (world: World, place: { companyId: string; studioId: string; userId: string }) => Promise<unknown>,
    string,
  ][] = [
    [
      'the starter has left',
      ({ stack }, { companyId, userId }) =>
        stack.owner.query(`update user_companies set status = 'inactive' where company_id = $1 and user_id = $2`, [
          companyId,
          userId,
        ]),
      'the role member',
    ],
    [
      'the studio is archived',
      ({ stack }, { studioId }) =>
        stack.owner.query('update studios set archived_at = now() where id = $1', [studioId]),
      'archived',
    ],
    [
      'the storage is full',
      ({ stack }, { companyId }) =>
        stack.owner.query('insert into company_limits (company_id, max_storage_bytes) values ($1, 5)', [companyId]),
      'has no room for this file',
    ],
    [
      'the company takes no such type',
      ({ stack }, { companyId }) =>
        stack.owner.query(
          `update companies set settings = '{"filePolicy": {"allowedTypes": ["image/png"]}}' where id = $1`,
          [companyId],
        ),
      'text/csv are not allowed in this company; allowed are image/png',
    ],
  ]

  test.for(obstacles)('since %s is refused and leaves no bytes', async ([, change, reason], { world, saver }) => {
    const { place, executionId } = await asking(world, saver, [save({ content: table })])
    await change(world, { ...place, userId: place.company.member.userId })
    await applyAll(saver)
    const { items } = await place.company.admin.api.executions.effects.query({ executionId })
    expect(items).toMatchObject([{ outcome: 'refused', reason: expect.stringContaining(reason) }])
    await removeBytes(saver)
    expect(await keptFor(world, place.companyId)).toMatchObject({ files: [], objects: [], removals: [], usedBytes: 0 })
  })

  test('between its bytes and its rows, since its starter leaves, is refused and leaves no bytes', async ({
    world,
    saver,
  }) => {
    const { place, executionId } = await asking(world, saver, [save({ content: table })])
    const leaves = () =>
      world.stack.owner.query(`update user_companies set status = 'inactive' where user_id = $1`, [
        place.company.member.userId,
      ])
    await applyAll(afterBytes(saver, leaves))
    const { items } = await place.company.admin.api.executions.effects.query({ executionId })
    expect(items).toMatchObject([{ outcome: 'refused', reason: expect.stringContaining('the role member') }])
    expect((await keptFor(world, place.companyId)).objects).toHaveLength(1)
    await removeBytes(saver)
    expect(await keptFor(world, place.companyId)).toMatchObject({ files: [], objects: [], removals: [] })
  })
})

describe('a worker that saves a file', () => {
  test('and dies between its bytes and its rows leaves one file in the end, and its bytes once', async ({
    world,
    saver,
  }) => {
    const { place, executionId } = await asking(world, saver, [save({ content: table })])
    const dies = () => Promise.reject(new Dead())
    for (let deaths = 0; deaths < 3; deaths += 1) await expect(applyEffects(mortal(saver, dies))).rejects.toThrow(Dead)
    expect(await keptFor(world, place.companyId)).toMatchObject({
      files: [],
      usedBytes: 0,
      objects: [{}, {}, {}].map(() => expect.any(String)),
    })
    await applyAll(saver)
    await world.stack.owner.query(`update file_removals set not_before = now() where company_id = $1`, [
      place.companyId,
    ])
    await removeBytes(saver)
    const { files, versions, objects, usedBytes, removals } = await keptFor(world, place.companyId)
    expect(files).toMatchObject([{ id: fileIdOf({ executionId, ordinal: 1 }), version: 1 }])
    expect(versions).toHaveLength(1)
    expect(objects).toEqual([files[0].supabase_path])
    expect([usedBytes, removals]).toEqual([Buffer.byteLength(table), []])
    expect(await bytesAt(world.stack, files[0].supabase_path)).toEqual(Buffer.from(table))
    expect(await toldOf(place, executionId)).toMatchObject([{ outcome: 'applied' }])
  })

  test('together with others saves each file once', async ({ world, saver }) => {
    const names = Array.from({ length: 8 }, (_, n) => `part-${n}.csv`)
    const { place, executionId } = await asking(
      world,
      saver,
      names.map((filename) => save({ filename, content: `${filename}\n`, folder: 'Parts' })),
    )
    await Promise.all([saver, saver, saver, saver].map(applyAll))
    await applyAll(saver)
    await removeBytes(saver)
    const { files, objects, removals } = await keptFor(world, place.companyId)
    expect(new Set(files.map((file) => file.filename))).toEqual(new Set(names))
    expect(files).toHaveLength(names.length)
    expect(new Set(objects)).toEqual(new Set(files.map((file) => file.supabase_path)))
    expect(removals).toEqual([])
    expect((await toldOf(place, executionId)).map(({ outcome }) => outcome)).toEqual(names.map(() => 'applied'))
    const { filesUsed } = await place.company.member.api.executions.byId.query({ executionId })
    expect(filesUsed).toHaveLength(names.length)
    expect(saver.warnings, 'whoever comes second leaves it at that').toEqual([])
  })

  test('waits for a storage that is away, and applies other effects meanwhile', async ({ world, saver }) => {
    const { place, executionId } = await asking(world, saver, [save({ content: table })])
    const away = {
      ...saver,
      objects: supabaseStorage({ url: 'http://127.0.0.1:9', publishableKey: '', secretKey: '' }),
    }
    for (let tries = 0; tries < 7; tries += 1)
      await expect(applyEffects(away)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await toldOf(place, executionId)).toMatchObject([{ outcome: 'waiting' }])
    const insight = { id: 'one', title: 'So', finding: 'So.', computation: 'So.', action: 'So.', importance: 'low' }
    const other = await asking(world, saver, [{ kind: 'insight.record', arguments: insight }])
    expect(await applyEffects(away)).toBe(true)
    expect(await toldOf(other.place, other.executionId)).toMatchObject([{ outcome: 'applied' }])
    await applyAll(saver)
    expect(await toldOf(place, executionId)).toMatchObject([{ outcome: 'applied' }])
    await removeBytes(saver)
    expect(await keptFor(world, place.companyId)).toMatchObject({
      files: [{}],
      objects: [{}].map(() => expect.any(String)),
      removals: [],
    })
  })

  test('whose bytes were removed before it was done stores them anew', async ({ world, saver }) => {
    const { place, executionId } = await asking(world, saver, [save({ content: table })])
    const late = async () => {
      await world.stack.owner.query(`update file_removals set not_before = now() where company_id = $1`, [
        place.companyId,
      ])
      await removeBytes(saver)
    }
    await applyEffects(afterBytes(saver, late))
    expect(await toldOf(place, executionId)).toMatchObject([{ outcome: 'waiting' }])
    await applyAll(saver)
    const { files, objects } = await keptFor(world, place.companyId)
    expect(objects).toEqual(files.map((file) => file.supabase_path))
    expect(await toldOf(place, executionId)).toMatchObject([{ outcome: 'applied' }])
  })
})

/** What a process that is gone would do: nothing more. */
class Dead extends Error {}

/** The same worker; `deed` is done once the bytes of its next file are stored. */
function afterBytes(saver: Saver, deed: () => Promise<unknown>): Saver {
  let hasStored = false
  const { own } = saver.objects
  const put: typeof own.put = async (...call) => {
    await own.put(...call)
    if (!hasStored) await deed()
    hasStored = true
  }
  return { ...saver, objects: { ...saver.objects, own: { ...own, put } } }
}

/** The same worker, which after its bytes are stored reaches nothing any more. */
function mortal(saver: Saver, dies: () => Promise<never>): Saver {
  let isDead = false
  const dying = afterBytes(saver, async () => {
    isDead = true
    await dies()
  })
  return { ...dying, transaction: (work) => (isDead ? dies() : saver.transaction(work)) }
}
