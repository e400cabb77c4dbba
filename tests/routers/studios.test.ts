import { describe, expect } from 'vitest'
import { test } from '../support/world.ts'

describe('studios', () => {
  test('a member opens a studio and finds it in the list', async ({ world }) => {
    const company = await world.company()
    const studio = await world.studio(company.member, company.id, {
      name: 'Sales Desk',
      description: 'Where deals close',
    })
    const page = await company.viewer.api.studios.list.query({ companyId: company.id })
    expect(page.items).toEqual([studio])
    expect(page.nextCursor).toBeNull()
    expect(studio).toMatchObject({
      name: 'Sales Desk',
      access: 'company',
      createdBy: company.member.userId,
      archivedAt: null,
    })
  })

  test('another company sees nothing of a studio', async ({ world }) => {
    const [ours, theirs] = await Promise.all([world.company(), world.company()])
    const studio = await world.studio(ours.admin, ours.id)
    await expect(theirs.admin.api.studios.byId.query({ studioId: studio.id })).rejects.toMatchObject({
      data: { code: 'NOT_FOUND' },
    })
    await expect(theirs.admin.api.studios.list.query({ companyId: ours.id })).rejects.toMatchObject({
      data: { code: 'NOT_FOUND' },
    })
  })
})
