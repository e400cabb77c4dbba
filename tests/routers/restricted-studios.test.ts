import { describe, expect } from 'vitest'
import { test } from '../support/world.ts'
import { alreadyThere, faultyPaths, needsRole, refusal, unseen } from './refusal.ts'

describe('a restricted studio', () => {
  test('is there for admins and for the members named, and hidden from everybody else', async ({ world }) => {
    const { id: companyId, admin, member, viewer } = await world.company()
    const studio = await world.studio(admin, companyId, { access: 'restricted' })
    const studioId = studio.id
    expect(await refusal(member.api.studios.byId.query({ studioId }))).toMatchObject(unseen)
    expect((await member.api.studios.list.query({ companyId })).items).toEqual([])
    const added = await admin.api.studios.members.add.mutate({ studioId, userId: member.userId })
    expect(added).toMatchObject({ studioId, userId: member.userId, fullName: 'Member One' })
    expect(await member.api.studios.byId.query({ studioId })).toEqual(studio)
    expect((await member.api.studios.members.list.query({ studioId })).items).toEqual([added])
    expect(await refusal(viewer.api.studios.members.list.query({ studioId }))).toMatchObject(unseen)
    await admin.api.studios.members.remove.mutate({ studioId, userId: member.userId })
    expect(await refusal(member.api.studios.byId.query({ studioId }))).toMatchObject(unseen)
    expect(await refusal(member.api.studios.update.mutate({ studioId, name: 'Unseen' }))).toMatchObject(unseen)
  })

  test('is opened and closed by admins only', async ({ world }) => {
    const { id: companyId, admin, member } = await world.company()
    const open = world.studio(member, companyId, { access: 'restricted' })
    const onlyAdmins = { code: 'FORBIDDEN', httpStatus: 403, message: expect.stringContaining('admin') }
    expect(await refusal(open)).toMatchObject(onlyAdmins)
    const { id: studioId } = await world.studio(member, companyId)
    const close = member.api.studios.update.mutate({ studioId, access: 'restricted' })
    expect(await refusal(close)).toMatchObject(onlyAdmins)
    await admin.api.studios.update.mutate({ studioId, access: 'restricted' })
    expect(await refusal(member.api.studios.byId.query({ studioId }))).toMatchObject(unseen)
  })

  test('takes nobody whom its company does not know, nor anybody twice', async ({ world }) => {
    const [{ id: companyId, admin, viewer }, stranger] = await Promise.all([world.company(), world.signUp()])
    const { id: studioId } = await world.studio(admin, companyId, { access: 'restricted' })
    const { members } = admin.api.studios
    expect(await refusal(members.add.mutate({ studioId, userId: stranger.userId }))).toMatchObject(unseen)
    await members.add.mutate({ studioId, userId: viewer.userId })
    expect(await refusal(members.add.mutate({ studioId, userId: viewer.userId }))).toMatchObject(alreadyThere)
    expect(await refusal(members.remove.mutate({ studioId, userId: stranger.userId }))).toMatchObject(unseen)
    expect(await faultyPaths(members.add.mutate({ studioId: '1', userId: '2' }))).toEqual(['studioId', 'userId'])
  })

  test('is not opened by members for their friends, nor by another company', async ({ world }) => {
    const [ours, theirs] = await Promise.all([world.company(), world.company()])
    const { id: studioId } = await world.studio(ours.admin, ours.id, { access: 'restricted' })
    const friend = { studioId, userId: ours.viewer.userId }
    await ours.admin.api.studios.members.add.mutate({ studioId, userId: ours.member.userId })
    const { members } = ours.member.api.studios
    expect(await refusal(members.add.mutate(friend))).toMatchObject(needsRole('admin'))
    expect(await refusal(members.remove.mutate(friend))).toMatchObject(needsRole('admin'))
    expect(await refusal(theirs.admin.api.studios.members.add.mutate(friend))).toMatchObject(unseen)
    expect(await refusal(theirs.admin.api.studios.members.remove.mutate(friend))).toMatchObject(unseen)
    expect(await refusal(theirs.admin.api.studios.members.list.query({ studioId }))).toMatchObject(unseen)
  })

  test('stays closed to a member who was revoked', async ({ world }) => {
    const { id: companyId, admin, member } = await world.company()
    const { id: studioId } = await world.studio(admin, companyId, { access: 'restricted' })
    await admin.api.studios.members.add.mutate({ studioId, userId: member.userId })
    await admin.api.companies.members.revoke.mutate({ companyId, userId: member.userId })
    expect(await refusal(member.api.studios.byId.query({ studioId }))).toMatchObject(unseen)
    expect(await refusal(member.api.studios.members.list.query({ studioId }))).toMatchObject(unseen)
  })
})
