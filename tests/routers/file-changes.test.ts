import { describe, expect } from 'vitest'
import { keepFile } from '../support/files.ts'
import { join, test, type World } from '../support/world.ts'
import { faultyPaths, needsRole, notNow, refusal, unseen } from './refusal.ts'

async function kept(world: World, fields: Partial<Parameters<typeof keepFile>[2]> = {}) {
  const company = await world.company()
  const { id: studioId } = await world.studio(company.admin, company.id)
  const { id: fileId } = await keepFile(world.stack, company.member, { studioId, ...fields })
  return { company, studioId, fileId, files: company.member.api.files }
}

const forbidden = { code: 'FORBIDDEN', httpStatus: 403 }

describe('changing a file', () => {
  test('takes what is given and leaves the rest', async ({ world }) => {
    const { company, fileId, files } = await kept(world, { tags: ['old'] })
    const before = await files.byId.query({ fileId })
    const change = {
      filename: '報告 – май 😀.csv',
      tags: ['a', 'b', 'a'],
      metadata: { year: 2026, paid: true, by: null },
    }
    const changed = await files.update.mutate({ fileId, ...change })
    const { updatedAt } = changed
    expect(changed).toEqual({ ...before, ...change, tags: ['a', 'b'], updatedAt })
    expect(await files.update.mutate({ fileId })).toEqual(changed)
    expect(await company.viewer.api.files.byId.query({ fileId })).toEqual(changed)
    expect(await files.update.mutate({ fileId, accessLevel: 'company' })).toMatchObject({ accessLevel: 'company' })
  })

  test('names every fault with its place', async ({ world }) => {
    const { fileId, files } = await kept(world)
    const tags = ['a,b', '', 'x'.repeat(51)]
    const many = Array.from({ length: 21 }, (_, index) => `${index}`)
    expect(await faultyPaths(files.update.mutate({ fileId, filename: '../etc/passwd', tags }))).toEqual([
      'filename',
      'tags.0',
      'tags.1',
      'tags.2',
    ])
    expect(await faultyPaths(files.update.mutate({ fileId, tags: many }))).toEqual(['tags'])
    const metadata = Object.fromEntries(many.map((key) => [key, 'x'.repeat(400)]))
    expect(await faultyPaths(files.update.mutate({ fileId, metadata }))).toEqual(['metadata'])
    // @ts-expect-error metadata are one level deep
    expect(await faultyPaths(files.update.mutate({ fileId, metadata: { a: { b: 1 } } }))).toEqual(['metadata.a'])
  })

  test('is refused to viewers, and another company sees no file', async ({ world }) => {
    const [{ company, fileId }, other] = await Promise.all([kept(world), world.company()])
    for (const [person, answer] of [
      [company.viewer, needsRole('member')],
      [other.admin, unseen],
    ] as const) {
      const { files } = person.api
      expect(await refusal(files.update.mutate({ fileId, filename: 'mine.csv' }))).toMatchObject(answer)
      expect(await refusal(files.move.mutate({ fileId }))).toMatchObject(answer)
      expect(await refusal(files.trash.mutate({ fileId }))).toMatchObject(answer)
      expect(await refusal(files.restore.mutate({ fileId }))).toMatchObject(answer)
      expect(await refusal(files.deleteForever.mutate({ fileId }))).toMatchObject(answer)
    }
  })

  test('of who may read it is for its owner and for admins; only the owner makes it private', async ({ world }) => {
    const { company, fileId, files } = await kept(world)
    const other = await world.signUp('Other Member')
    await join(company.admin, other, company, 'member')
    const { update } = other.api.files
    expect(await update.mutate({ fileId, filename: 'theirs.csv' })).toMatchObject({ filename: 'theirs.csv' })
    expect(await refusal(update.mutate({ fileId, accessLevel: 'company' }))).toMatchObject(forbidden)
    const { admin } = company
    expect(await admin.api.files.update.mutate({ fileId, accessLevel: 'company' })).toMatchObject({ version: 1 })
    const hide = admin.api.files.update.mutate({ fileId, accessLevel: 'private' })
    expect(await refusal(hide)).toMatchObject({ ...forbidden, message: expect.stringContaining('owner') })
    await files.update.mutate({ fileId, accessLevel: 'private' })
    expect(await refusal(update.mutate({ fileId, filename: 'unseen.csv' }))).toMatchObject(unseen)
    expect(await refusal(admin.api.files.trash.mutate({ fileId }))).toMatchObject(unseen)
  })

  test('that everybody may read but that lies in a closed studio is not for those outside', async ({ world }) => {
    const { company, files } = await kept(world)
    const { id: studioId } = await world.studio(company.admin, company.id, { access: 'restricted' })
    const open = { studioId, accessLevel: 'company' as const }
    const { id: fileId } = await keepFile(world.stack, company.admin, open)
    const told = { ...forbidden, message: expect.stringContaining('read this file but not change it') }
    expect(await files.byId.query({ fileId })).toMatchObject({ studioId })
    expect(await refusal(files.update.mutate({ fileId, filename: 'mine.csv' }))).toMatchObject(told)
    expect(await refusal(files.trash.mutate({ fileId }))).toMatchObject(told)
    expect(await refusal(files.versions.restore.mutate({ fileId, version: 1 }))).toMatchObject(told)
  })

  test('leaves a record with who did it', async ({ world }) => {
    const { company, fileId, files } = await kept(world)
    await files.update.mutate({ fileId, filename: 'after.csv', metadata: { secret: 'kept out' } })
    const { rows } = await world.stack.owner.query(
      `select user_id, changes from audit_logs where resource_id = $1 and action = 'update'`,
      [fileId],
    )
    const filename = { before: 'notes.csv', after: 'after.csv' }
    const changes = { filename, metadata: '(not kept here)' }
    expect(rows).toEqual([{ user_id: company.member.userId, changes }])
  })
})

describe('moving a file', () => {
  test('goes to a folder, to the top, and to another studio', async ({ world }) => {
    const { company, studioId, fileId, files } = await kept(world)
    const { id: elsewhere } = await world.studio(company.admin, company.id)
    const { folders } = company.member.api
    const { id: here } = await folders.create.mutate({ studioId, name: 'Here' })
    const { id: there } = await folders.create.mutate({ studioId: elsewhere, name: 'There' })
    const to = (place: { studioId?: string; folderId?: string }) => files.move.mutate({ fileId, ...place })
    expect(await to({ folderId: here })).toMatchObject({ studioId, folderId: here })
    expect(await to({})).toMatchObject({ studioId, folderId: null })
    expect(await to({ folderId: there })).toMatchObject({ studioId: elsewhere, folderId: there })
    expect(await to({ studioId })).toMatchObject({ studioId, folderId: null })
    expect(await to({ studioId, folderId: here })).toMatchObject({ studioId, folderId: here })
    expect(await refusal(to({ studioId: elsewhere, folderId: here }))).toMatchObject(unseen)
  })

  test('goes to no place that is closed to the mover, archived or another company’s', async ({ world }) => {
    const [{ company, fileId, files }, other] = await Promise.all([kept(world), world.company()])
    const { id: closed } = await world.studio(company.admin, company.id, { access: 'restricted' })
    const { id: hidden } = await company.admin.api.folders.create.mutate({ studioId: closed, name: 'Hidden' })
    const { id: archived } = await world.studio(company.admin, company.id)
    await company.admin.api.studios.archive.mutate({ studioId: archived })
    const { id: foreign } = await world.studio(other.admin, other.id)
    await join(other.admin, company.member, other, 'member')
    for (const place of [{ studioId: closed }, { folderId: hidden }, { studioId: foreign }])
      expect(await refusal(files.move.mutate({ fileId, ...place }))).toMatchObject(unseen)
    expect(await refusal(files.move.mutate({ fileId, studioId: archived }))).toMatchObject(notNow)
  })
})
