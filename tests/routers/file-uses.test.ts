import { describe, expect } from 'vitest'
import { send } from '../http/calls.ts'
import { keepFile } from '../support/files.ts'
import { endRun, runUnderWay, test, workplace } from '../support/resting.ts'
import { giveFile } from '../support/run-files.ts'
import type { World } from '../support/world.ts'
import { refusal, unseen } from './refusal.ts'

/** A run of the admin's that was given a file, which the company's admin may read. */
async function runWithFile(world: World, accessLevel: 'private' | 'studio' = 'studio') {
  const place = await workplace(world)
  const { id: fileId } = await keepFile(world.stack, place.company.admin, { studioId: place.studioId, accessLevel })
  const { executionId } = await runUnderWay(world, place)
  const read = await give(world, executionId, fileId)
  return { place, fileId, executionId, read }
}

async function give(world: World, executionId: string, fileId: string) {
  await world.stack.owner.query(
    `update workflow_executions set files_used = files_used || jsonb_build_array(jsonb_build_object('file_id', $2::text, 'usage_type', 'input'))
     where id = $1`,
    [executionId, fileId],
  )
  const token = await giveFile(world, executionId, fileId)
  return () => send(world.stack, `/files/runs/${executionId}/${fileId}?token=${token}`)
}

describe('which runs saw a file', () => {
  test('is told with the version, how often and when', async ({ world }) => {
    const { place, fileId, executionId, read } = await runWithFile(world)
    await read()
    await read()
    const other = await runUnderWay(world, place)
    await give(world, other.executionId, fileId)
    const { items, nextCursor } = await place.company.viewer.api.files.readers.query({ fileId })
    const common = { templateId: place.templateId, studioId: place.studioId, userId: place.userId, property: 'file' }
    expect(items).toEqual([
      {
        ...common,
        ...{
          executionId: other.executionId,
          templateName: expect.any(String),
          version: 1,
          givenAt: expect.any(String),
        },
        ...{ reads: 0, versionsRead: [], firstReadAt: null, lastReadAt: null },
      },
      {
        ...common,
        ...{ executionId, templateName: expect.any(String), version: 1, givenAt: expect.any(String) },
        ...{ reads: 2, versionsRead: [1], firstReadAt: expect.any(String), lastReadAt: expect.any(String) },
      },
    ])
    expect(nextCursor).toBeNull()
  })

  test('comes in pages', async ({ world }) => {
    const { place, fileId, executionId } = await runWithFile(world)
    const runs = [executionId]
    for (let n = 0; n < 4; n += 1) {
      const run = await runUnderWay(world, place)
      await give(world, run.executionId, fileId)
      runs.unshift(run.executionId)
    }
    const seen: string[] = []
    for (let cursor: string | undefined; seen.length < 9; ) {
      const page = await place.company.admin.api.files.readers.query({ fileId, limit: 2, ...(cursor && { cursor }) })
      seen.push(...page.items.map((item) => item.executionId))
      if (!page.nextCursor) break
      cursor = page.nextCursor
    }
    expect(seen).toEqual(runs)
    expect(await refusal(place.company.admin.api.files.readers.query({ fileId, cursor: 'x' }))).toMatchObject({
      code: 'BAD_REQUEST',
    })
  })

  test('is told to nobody who may not read the file', async ({ world }) => {
    const { place, fileId, read } = await runWithFile(world, 'private')
    await read()
    const elsewhere = await world.company()
    for (const person of [place.company.member, place.company.viewer, elsewhere.admin])
      expect(await refusal(person.api.files.readers.query({ fileId }))).toMatchObject(unseen)
    expect((await place.company.admin.api.files.readers.query({ fileId })).items).toHaveLength(1)
  })

  test('leaves out runs of studios that the caller may not enter', async ({ world }) => {
    const { place, fileId } = await runWithFile(world)
    await world.stack.owner.query(`update files set access_level = 'company' where id = $1`, [fileId])
    await place.company.admin.api.studios.update.mutate({ studioId: place.studioId, access: 'restricted' })
    expect((await place.company.member.api.files.readers.query({ fileId })).items).toEqual([])
    expect((await place.company.admin.api.files.readers.query({ fileId })).items).toHaveLength(1)
  })
})

describe('the files of a run', () => {
  test('are told with names and sizes, those made after those given', async ({ world }) => {
    const { place, fileId, executionId } = await runWithFile(world)
    const made = await keepFile(world.stack, place.company.admin, { studioId: place.studioId, filename: 'report.txt' })
    await world.stack.owner.query(
      `insert into execution_files (company_id, execution_id, file_id, usage_type, version) values ($1, $2, $3, 'output', 1)`,
      [place.companyId, executionId, made.id],
    )
    await world.stack.owner.query(
      `update workflow_executions set files_used = files_used || jsonb_build_array(jsonb_build_object('file_id', $2::text, 'usage_type', 'output'))
       where id = $1`,
      [executionId, made.id],
    )
    await endRun(world, executionId)
    const { viewer } = place.company
    const given = { fileId, usage: 'input', filename: 'notes.csv', property: 'file' }
    const output = { fileId: made.id, usage: 'output', filename: 'report.txt', property: null }
    const common = { isReadable: true, fileSize: 8, mimeType: 'text/csv', version: 1 }
    const files = [given, output].map((one) => ({ ...common, ...one }))
    expect(await viewer.api.executions.files.query({ executionId })).toEqual({ items: files, nextCursor: null })
    const first = await viewer.api.executions.files.query({ executionId, limit: 1 })
    expect(first.items).toEqual(files.slice(0, 1))
    const cursor = first.nextCursor ?? ''
    expect(await viewer.api.executions.files.query({ executionId, limit: 1, cursor })).toEqual({
      items: files.slice(1),
      nextCursor: null,
    })
    expect(await refusal(viewer.api.executions.files.query({ executionId, cursor: 'x' }))).toMatchObject({
      code: 'BAD_REQUEST',
    })
  })

  test('are not named to who may not read them', async ({ world }) => {
    const { place, fileId, executionId } = await runWithFile(world, 'private')
    const hidden = { isReadable: false, filename: 'a file you may not read', fileSize: null, mimeType: null }
    expect(await place.company.member.api.executions.files.query({ executionId })).toEqual({
      items: [{ fileId, usage: 'input', ...hidden, version: null, property: null }],
      nextCursor: null,
    })
    await world.stack.owner.query('delete from files where id = $1', [fileId])
    expect((await place.company.admin.api.executions.files.query({ executionId })).items).toMatchObject([hidden])
  })

  test('are told to nobody who may not see the run', async ({ world }) => {
    const { executionId } = await runWithFile(world)
    const { admin } = await world.company()
    expect(await refusal(admin.api.executions.files.query({ executionId }))).toMatchObject(unseen)
  })
})
