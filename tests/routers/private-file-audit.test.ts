import { sql } from 'drizzle-orm'
import { describe, expect, onTestFinished } from 'vitest'
import { claimsOf, databasesOf } from '../support/claims.ts'
import type { TestStack } from '../support/stack.ts'
import { type Desk, desk, uploadForm } from '../support/uploads.ts'
import { type Person, test } from '../support/world.ts'

/** What an admin reads of the changes of files. */
async function auditSeenBy(stack: TestStack, person: Person, companyId: string) {
  const databases = databasesOf(stack)
  onTestFinished(() => databases.close())
  const scope = databases.api.scope(claimsOf(person), { id: 'an-audit', ip: '', agent: '' })
  const { rows } = await scope.read((tx) =>
    tx.execute<{ action: string; type: string; changes: Record<string, unknown> }>(
      sql`select action, resource_type as type, changes from audit_logs
        where company_id = ${companyId} and resource_type in ('files', 'file_versions') order by created_at`,
    ),
  )
  return rows
}

const sent = async (stack: TestStack, { company, path }: Desk, fields: [string, string][]) =>
  String((await uploadForm(stack, company.member, { path, filename: 'mine.csv', fields })).body['id'])

/** What only those who may read a file know of it. */
async function secretsOf({ owner }: TestStack, fileId: string): Promise<string[]> {
  const { rows } = await owner.query('select supabase_path, checksum from file_versions where file_id = $1', [fileId])
  return ['layoffs', 'text/csv', ...rows.flatMap(({ supabase_path, checksum }) => [supabase_path, checksum])]
}

describe('of a private file an admin reads in the audit', () => {
  test('name, size, owner, dates and state, and nothing else, whatever is done with it', async ({ world }) => {
    const place = await desk(world)
    const { company } = place
    const { files } = company.member.api
    const fileId = await sent(world.stack, place, [
      ['accessLevel', 'private'],
      ['tags', 'layoffs'],
    ])
    await uploadForm(world.stack, company.member, { path: `/files/${fileId}/versions`, content: 'c,d\n' })
    await files.update.mutate({ fileId, tags: ['layoffs', 'more'], filename: 'renamed.csv' })
    const secrets = await secretsOf(world.stack, fileId)
    await files.versions.delete.mutate({ fileId, version: 1 })
    await files.trash.mutate({ fileId })
    await files.deleteForever.mutate({ fileId })
    const rows = await auditSeenBy(world.stack, company.admin, company.id)
    for (const secret of secrets) expect(JSON.stringify(rows)).not.toContain(secret)
    expect(rows.find(({ action }) => action === 'insert')).toMatchObject({
      changes: {
        filename: 'mine.csv',
        file_size: expect.any(Number),
        uploaded_by: company.member.userId,
        tags: '(not kept here)',
      },
    })
    const renamed = { filename: { before: 'mine.csv', after: 'renamed.csv' }, tags: '(not kept here)' }
    expect(rows.map(({ changes }) => changes)).toContainEqual(renamed)
    const deleted = rows.find(({ action, type }) => action === 'delete' && type === 'files')
    expect(deleted).toMatchObject({ changes: { filename: 'renamed.csv' } })
  })

  test('nothing more when it is opened to others, and again nothing once it is private', async ({ world }) => {
    const place = await desk(world)
    const { company } = place
    const { files } = company.member.api
    const fileId = await sent(world.stack, place, [
      ['accessLevel', 'private'],
      ['tags', 'layoffs'],
    ])
    await files.update.mutate({ fileId, accessLevel: 'studio', tags: ['open'] })
    await files.update.mutate({ fileId, tags: ['shared'] })
    await files.update.mutate({ fileId, accessLevel: 'private', tags: ['layoffs'] })
    const rows = await auditSeenBy(world.stack, company.admin, company.id)
    expect(JSON.stringify(rows)).not.toContain('layoffs')
    const changes = rows.filter(({ action }) => action === 'update').map((row) => row.changes)
    for (const [before, after] of [
      ['private', 'studio'],
      ['studio', 'private'],
    ])
      expect(changes).toContainEqual({ access_level: { before, after }, tags: '(not kept here)' })
    expect(changes).toContainEqual({ tags: { before: ['open'], after: ['shared'] } })
  })
})
