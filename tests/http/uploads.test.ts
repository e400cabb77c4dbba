import { createHash } from 'node:crypto'
import { describe, expect } from 'vitest'
import { uploadForm } from '../support/uploads.ts'
import { test, type World } from '../support/world.ts'

async function desk(world: World) {
  const company = await world.company()
  const { id: studioId } = await world.studio(company.admin, company.id)
  return { company, studioId, path: `/studios/${studioId}/files` }
}

const usedBytes = async ({ stack }: World, companyId: string) => {
  const { rows } = await stack.owner.query('select used_bytes from company_storage where company_id = $1', [companyId])
  return Number(rows[0]?.used_bytes ?? 0)
}

describe('a file sent as a form', () => {
  test('is there, with what was said of it and what was found of it', async ({ world }) => {
    const { company, studioId, path } = await desk(world)
    const content = 'name,value\nA,1\n'
    const checksum = createHash('sha256').update(content).digest('hex')
    const { status, body } = await uploadForm(world.stack, company.member, { path, content })
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({
        studioId,
        filename: 'table.csv',
        fileSize: content.length,
        mimeType: 'text/csv',
        checksum,
        status: 'ready',
        version: 1,
        accessLevel: 'studio',
        storage: null,
      }),
    ])
    expect(await usedBytes(world, company.id)).toBe(content.length)
    expect(await company.viewer.api.files.byId.query({ fileId: String(body['id']) })).toMatchObject({ checksum })
  })
})
