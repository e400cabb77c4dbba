import { describe, expect } from 'vitest'
import { removeBytes } from '../../src/services/core/files/upkeep.ts'
import { fileIdOf } from '../../src/services/workflows/effects/file.ts'
import type { World } from '../support/world.ts'
import { afterBytes, applyAll, asking, bytesAt, keptFor, save, sha256, test, toldOf } from './saving.ts'

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
