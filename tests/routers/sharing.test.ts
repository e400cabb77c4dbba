import { describe, expect } from 'vitest'
import { test, visit } from '../support/sharing.ts'
import { join } from '../support/world.ts'
import { faultyPaths, needsRole, notNow, refusal, unseen } from './refusal.ts'

const dayMs = 24 * 60 * 60 * 1000
const inDays = (days: number) => new Date(Date.now() + days * dayMs).toISOString()

describe('a link to a file', () => {
  test('is shown once, ends in seven days unless said otherwise, and is listed without its address', async ({
    world,
    desk: { company, keep },
  }) => {
    const { id: fileId } = await keep()
    const { url, share } = await company.member.api.sharing.create.mutate({ fileId, label: 'For the auditors' })
    expect(url).toMatch(new RegExp(`^${world.stack.url}/shared/[\\w-]{43}$`))
    expect(share).toMatchObject({
      ...{ companyId: company.id, fileId, folderId: null, label: 'For the auditors', hasPassword: false },
      ...{ state: 'active', maxUses: null, uses: 0, createdBy: company.member.userId, revokedAt: null },
    })
    const days = (Date.parse(share.expiresAt) - Date.parse(share.createdAt)) / dayMs
    expect(Math.round(days * 1000) / 1000).toBe(7)
    const { items } = await company.viewer.api.sharing.list.query({ companyId: company.id, fileId })
    expect(items).toEqual([share])
    const { rows } = await world.stack.owner.query('select s::text as row from file_shares s where id = $1', [share.id])
    expect(rows[0].row).not.toContain(url.split('/').at(-1))
  })

  test('takes a password, an end and a number of uses', async ({ world, desk: { company, keep } }) => {
    const { id: fileId } = await keep()
    const expiresAt = inDays(90)
    const given = { fileId, expiresAt, password: 'open sesame', maxUses: 3 }
    const { share } = await company.member.api.sharing.create.mutate(given)
    expect(share).toMatchObject({ hasPassword: true, maxUses: 3, expiresAt })
    const { rows } = await world.stack.owner.query('select password_hash from file_shares where id = $1', [share.id])
    expect(rows[0].password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    const { rows: told } = await world.stack.owner.query(
      'select changes::text from audit_logs where resource_id = $1',
      [share.id],
    )
    expect(told).toHaveLength(1)
    expect(told[0].changes).not.toContain('argon2id')
  })

  test('is made by whoever may read the file, works in the company, and nobody else', async ({
    world,
    desk: { company, keep },
  }) => {
    const [other, { id: fileId }, mine] = [await world.company(), await keep(), await keep({ accessLevel: 'private' })]
    expect(await refusal(other.admin.api.sharing.create.mutate({ fileId }))).toMatchObject(unseen)
    expect(await refusal(company.viewer.api.sharing.create.mutate({ fileId }))).toMatchObject(needsRole('member'))
    expect(await refusal(company.admin.api.sharing.create.mutate({ fileId: mine.id }))).toMatchObject(unseen)
    const { share } = await company.member.api.sharing.create.mutate({ fileId: mine.id })
    const { items } = await company.admin.api.sharing.list.query({ companyId: company.id })
    expect(items.filter(({ id }) => id === share.id)).toEqual([])
  })

  test('is refused with the places of what is wrong', async ({ desk: { company, keep, folder } }) => {
    const { api } = company.member
    const [{ id: fileId }, folderId] = [await keep(), await folder()]
    const faults = (input: object) => faultyPaths(api.sharing.create.mutate(input as { fileId: string }))
    expect(await faults({})).toEqual(['fileId'])
    expect(await faults({ fileId, folderId })).toEqual(['fileId'])
    expect(await faults({ fileId, expiresInDays: 1, expiresAt: inDays(1) })).toEqual(['expiresAt'])
    for (const expiresAt of [inDays(-1), inDays(91)]) expect(await faults({ fileId, expiresAt })).toEqual(['expiresAt'])
    for (const expiresInDays of [0, 91, 1.5]) expect(await faults({ fileId, expiresInDays })).toEqual(['expiresInDays'])
    for (const password of ['short', 'x'.repeat(201)]) expect(await faults({ fileId, password })).toEqual(['password'])
    expect(await faults({ fileId, maxUses: 0, label: '' })).toEqual(['label', 'maxUses'])
  })

  test('is not made for what is not there to be read', async ({ world, desk: { company, keep, folder, studioId } }) => {
    const [{ id: fileId }, folderId] = [await keep(), await folder()]
    const { api } = company.member
    await world.stack.owner.query('update files set deleted_at = now() where id = $1', [fileId])
    expect(await refusal(api.sharing.create.mutate({ fileId }))).toMatchObject(notNow)
    await world.stack.owner.query(`update files set deleted_at = null, status = 'uploading' where id = $1`, [fileId])
    expect(await refusal(api.sharing.create.mutate({ fileId }))).toMatchObject(notNow)
    await company.admin.api.studios.archive.mutate({ studioId })
    expect(await refusal(api.sharing.create.mutate({ folderId }))).toMatchObject(notNow)
  })
})

describe('the list of links', () => {
  test('is by file, by folder and by state, in pages', async ({ world, desk: { company, keep, folder } }) => {
    const { api } = company.member
    const [one, two, folderId] = [await keep(), await keep(), await folder()]
    const make = async (input: { fileId?: string; folderId?: string; maxUses?: number }) =>
      (await api.sharing.create.mutate(input)).share.id
    const active = await make({ fileId: one.id })
    const [expired, usedUp, revoked] = [
      await make({ fileId: one.id }),
      await make({ fileId: one.id, maxUses: 1 }),
      await make({ fileId: one.id }),
    ]
    const [other, inbox] = [await make({ fileId: two.id }), await make({ folderId })]
    await world.stack.owner.query(`update file_shares set expires_at = now() where id = $1`, [expired])
    await world.stack.owner.query('update file_shares set uses = 1 where id = $1', [usedUp])
    await api.sharing.revoke.mutate({ shareId: revoked })
    const ids = async (filter: object) =>
      (await api.sharing.list.query({ companyId: company.id, ...filter })).items.map(({ id }) => id)
    expect(await ids({})).toEqual([inbox, other, revoked, usedUp, expired, active])
    expect(await ids({ fileId: one.id })).toEqual([revoked, usedUp, expired, active])
    expect(await ids({ folderId })).toEqual([inbox])
    for (const [state, id] of Object.entries({ active, expired, used_up: usedUp, revoked }))
      expect([state, await ids({ fileId: one.id, state })]).toEqual([state, [id]])
    const first = await api.sharing.list.query({ companyId: company.id, limit: 4 })
    const rest = await api.sharing.list.query({ companyId: company.id, limit: 4, cursor: first.nextCursor ?? '' })
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(await ids({}))
    expect(rest.nextCursor).toBe(null)
  })

  test('shows another company nothing, and takes no cursor of somebody’s making', async ({ world, desk }) => {
    const { company, keep } = desk
    const { id: fileId } = await keep()
    await company.member.api.sharing.create.mutate({ fileId })
    const other = await world.company()
    expect(await refusal(other.admin.api.sharing.list.query({ companyId: company.id }))).toMatchObject(unseen)
    const theirs = await other.admin.api.sharing.list.query({ companyId: other.id, fileId })
    expect(theirs.items).toEqual([])
    const { list } = company.member.api.sharing
    expect(await faultyPaths(list.query({ companyId: company.id, cursor: 'none' }))).toEqual(['cursor'])
    expect(await faultyPaths(list.query({ companyId: company.id, state: 'lost' as 'active' }))).toEqual(['state'])
  })
})

describe('revoking', () => {
  test('ends a link at once and for good; a second time is too late', async ({ world, desk: { company, keep } }) => {
    const { id: fileId } = await keep()
    const { url, share } = await company.member.api.sharing.create.mutate({ fileId })
    expect((await visit(url)).status).toBe(200)
    const { api } = company.admin
    expect(await api.sharing.revoke.mutate({ shareId: share.id })).toMatchObject({
      state: 'revoked',
      revokedAt: expect.any(String),
    })
    expect((await visit(url)).status).toBe(404)
    expect(await refusal(api.sharing.revoke.mutate({ shareId: share.id }))).toMatchObject(notNow)
    const back = world.stack.owner.query('update file_shares set revoked_at = null where id = $1', [share.id])
    await expect(back).rejects.toThrow('This link is revoked already')
  })

  test('is for members who see the file', async ({ world, desk: { company, keep } }) => {
    const [{ id: fileId }, other] = [await keep(), await world.company()]
    const { url, share } = await company.member.api.sharing.create.mutate({ fileId })
    const revoke = (api: typeof company.admin.api) => refusal(api.sharing.revoke.mutate({ shareId: share.id }))
    expect(await revoke(other.admin.api)).toMatchObject(unseen)
    expect(await revoke(company.viewer.api)).toMatchObject(needsRole('member'))
    expect(await faultyPaths(company.member.api.sharing.revoke.mutate({ shareId: 'none' }))).toEqual(['shareId'])
    expect((await visit(url)).status).toBe(200)
  })

  test('all ends those of one file or one folder and leaves the others', async ({
    desk: { company, keep, folder },
  }) => {
    const { id: companyId, member } = company
    const { api } = member
    const [one, two, folderId] = [await keep(), await keep(), await folder()]
    const make = async (target: object) => (await api.sharing.create.mutate(target as { fileId: string })).url
    const links = [await make({ fileId: one.id }), await make({ fileId: one.id }), await make({ fileId: two.id })]
    const inbox = await make({ folderId })
    const statuses = () => Promise.all([...links, inbox].map(async (url) => (await visit(url)).status))
    expect(await api.sharing.revokeAll.mutate({ companyId, fileId: one.id })).toEqual({ revoked: 2 })
    expect(await statuses()).toEqual([404, 404, 200, 200])
    expect(await api.sharing.revokeAll.mutate({ companyId, fileId: one.id })).toEqual({ revoked: 0 })
    expect(await api.sharing.revokeAll.mutate({ companyId, folderId })).toEqual({ revoked: 1 })
    expect(await statuses()).toEqual([404, 404, 200, 404])
  })

  test('all of a company is for its admins, and ends links to private files, too', async ({ world, desk }) => {
    const { company, keep } = desk
    const { id: companyId } = company
    const [shared, hidden] = [await keep(), await keep({ accessLevel: 'private' })]
    const make = async (fileId: string) => (await company.member.api.sharing.create.mutate({ fileId })).url
    const urls = [await make(shared.id), await make(hidden.id)]
    const other = await world.company()
    const { id: studioId } = await world.studio(other.admin, other.id)
    const theirs = await keep({ studioId }, other.member)
    const foreign = await other.member.api.sharing.create.mutate({ fileId: theirs.id })
    const all = (api: typeof company.admin.api, input = {}) => api.sharing.revokeAll.mutate({ companyId, ...input })
    expect(await refusal(all(company.member.api))).toMatchObject(needsRole('admin'))
    expect(await refusal(all(other.admin.api))).toMatchObject(unseen)
    expect(await refusal(all(company.admin.api, { fileId: theirs.id }))).toMatchObject(unseen)
    expect(await refusal(all(company.viewer.api, { fileId: shared.id }))).toMatchObject(needsRole('member'))
    const both = { fileId: shared.id, folderId: shared.id }
    expect(await faultyPaths(all(company.admin.api, both))).toEqual(['folderId'])
    expect(await all(company.admin.api)).toEqual({ revoked: 2 })
    expect(await Promise.all([...urls, foreign.url].map(async (url) => (await visit(url)).status))).toEqual([
      404, 404, 200,
    ])
  })

  test('another company’s file is not reached by somebody who belongs to both', async ({ world, desk }) => {
    const { company, keep } = desk
    const { id: fileId } = await keep()
    const { url } = await company.member.api.sharing.create.mutate({ fileId })
    const other = await world.company()
    await join(company.admin, other.admin, company, 'member')
    const wrong = other.admin.api.sharing.revokeAll.mutate({ companyId: other.id, fileId })
    expect(await refusal(wrong)).toMatchObject(unseen)
    expect((await visit(url)).status).toBe(200)
  })
})
