import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { keepFile } from '../support/files.ts'
import { endRun, test, workplace } from '../support/resting.ts'
import { keepFiles, schemaWithFiles } from '../support/run-files.ts'
import type { World } from '../support/world.ts'
import { faultyPaths, needsRole, refusal } from './refusal.ts'

/** A place whose workflow takes files, with two files of the admin's that every member may read. */
async function placeWithFiles(world: World) {
  const place = await workplace(world, { inputSchema: schemaWithFiles })
  const { studioId, templateId, company } = place
  const [first = '', second = ''] = await keepFiles(world, company.admin, [{ studioId }, { studioId }])
  const target = { studioId, templateId }
  const start = (input: Record<string, unknown>, person = company.member) =>
    person.api.executions.start.mutate({ ...target, input })
  return { ...place, first, second, target, start }
}

/** Files that the company's member may not give to a run, each with the reason. */
async function forbiddenFiles(world: World, { company, studioId }: Awaited<ReturnType<typeof placeWithFiles>>) {
  const { owner } = world.stack
  const elsewhere = await workplace(world)
  const hidden = await world.studio(company.admin, company.id, { access: 'restricted' })
  const [ofOthers = '', closed = '', trashed = '', unready = ''] = await keepFiles(world, company.admin, [
    { studioId, accessLevel: 'private' },
    { studioId: hidden.id },
    { studioId },
    { studioId },
  ])
  await owner.query('update files set deleted_at = now() where id = $1', [trashed])
  await owner.query(`update files set status = 'uploading' where id = $1`, [unready])
  const { id: foreign } = await keepFile(world.stack, elsewhere.company.admin, { studioId: elsewhere.studioId })
  return { ofOthers, closed, trashed, unready, foreign, none: randomUUID() }
}

describe('starting a run with files', () => {
  test('takes those that the starter may read, at any depth, and shows them with the run', async ({ world }) => {
    const { companyId, company, first, second, start } = await placeWithFiles(world)
    const { execution } = await start({
      note: first,
      file: second.toUpperCase(),
      lists: [{}, { file: first }],
      more: { second },
    })
    const filesUsed = [second, first].map((file_id) => ({ file_id, usage_type: 'input' }))
    expect(execution.filesUsed).toEqual(filesUsed)
    const { items } = await company.viewer.api.executions.list.query({ companyId })
    expect(items).toMatchObject([{ id: execution.id, filesUsed }])
    const { id: executionId } = execution
    expect(await company.viewer.api.executions.byId.query({ executionId })).toMatchObject({ filesUsed })
  })

  test('needs none, and then uses none', async ({ world }) => {
    const { start } = await placeWithFiles(world)
    expect((await start({ note: 'alone' })).execution.filesUsed).toEqual([])
  })

  test('is refused for a file that the starter may not read, with the field that names it', async ({ world }) => {
    const place = await placeWithFiles(world)
    const forbidden = await forbiddenFiles(world, place)
    for (const [reason, fileId] of Object.entries(forbidden))
      expect(await faultyPaths(place.start({ file: fileId })), reason).toEqual(['input.file'])
    const { first, start } = place
    const many = start({ file: first, lists: [{ file: first }, { file: forbidden.none }], more: { second: 'no id' } })
    expect(await faultyPaths(many)).toEqual(['input.more.second'])
    const two = {
      file: first,
      lists: [{ file: first }, { file: forbidden.foreign }],
      more: { second: forbidden.closed },
    }
    expect(await faultyPaths(start(two))).toEqual(['input.lists.1.file', 'input.more.second'])
    expect(await refusal(start({ file: forbidden.none }))).toMatchObject({
      issues: [{ message: 'names a file that is not there or that you may not read; choose another file' }],
    })
    expect((await place.company.member.api.executions.list.query({ companyId: place.companyId })).items).toEqual([])
  })

  test('is not for viewers, whatever they may read', async ({ world }) => {
    const { company, first, start } = await placeWithFiles(world)
    expect(await refusal(start({ file: first }, company.viewer))).toMatchObject(needsRole('member'))
  })

  test('takes at most a hundred', async ({ world }) => {
    const { first, start } = await placeWithFiles(world)
    const lists = Array.from({ length: 101 }, () => ({ file: first }))
    expect(await faultyPaths(start({ lists }))).toEqual(['input'])
  })

  test('gives the first run again under the same key, though the file has gone since', async ({ world }) => {
    const { company, target, first, second } = await placeWithFiles(world)
    const again = (file: string) =>
      company.member.api.executions.start.mutate({ ...target, input: { file }, idempotencyKey: 'once' })
    const { execution } = await again(first)
    await world.stack.owner.query('update files set deleted_at = now() where id = $1', [first])
    expect(await again(first)).toMatchObject({ isReplay: true, execution: { id: execution.id } })
    expect(await refusal(again(second))).toMatchObject({ code: 'CONFLICT' })
  })

  test('is refused by the database, too, whoever’s files the row names', async ({ world }) => {
    const place = await placeWithFiles(world)
    const { ofOthers, foreign } = await forbiddenFiles(world, place)
    const insert = (fileId: string, usage = 'input') =>
      world.stack.owner.query(
        `insert into workflow_executions (company_id, studio_id, template_id, template_version, user_id, input_data, input_hash, files_used)
         values ($1, $2, $3, '1.0.0', $4, '{}', 'none', $5)`,
        [
          ...[place.companyId, place.studioId, place.templateId, place.company.member.userId],
          JSON.stringify([{ file_id: fileId, usage_type: usage }]),
        ],
      )
    for (const [fileId, usage] of [[ofOthers], [foreign], [place.first, 'output']])
      await expect(insert(fileId ?? '', usage)).rejects.toThrow('only files that the person who starts it may read')
    await insert(place.first)
  })
})

describe('a replay of a run with a private file', () => {
  test('is its owner’s alone; others may put another file in its place', async ({ world }) => {
    const { company, studioId, first, start } = await placeWithFiles(world)
    const own = await keepFile(world.stack, company.member, { studioId, accessLevel: 'private' })
    const { execution } = await start({ file: own.id })
    const { id: executionId } = execution
    await world.stack.owner.query(`update workflow_executions set status = 'running' where id = $1`, [executionId])
    await endRun(world, executionId)
    const replay = (person: typeof company.admin, input?: Record<string, unknown>) =>
      person.api.executions.replay.mutate({ executionId, ...(input && { input }) })
    expect(await faultyPaths(replay(company.admin))).toEqual(['input.file'])
    expect((await replay(company.member)).execution.filesUsed).toEqual([{ file_id: own.id, usage_type: 'input' }])
    expect((await replay(company.admin, { file: first })).execution.replayOf).toBe(executionId)
  })
})

describe('a schedule with a file', () => {
  test('is set and changed by somebody who may read it', async ({ world }) => {
    const place = await placeWithFiles(world)
    const { company, companyId, target, first } = place
    const { ofOthers } = await forbiddenFiles(world, place)
    const weekly = { ...target, name: 'Weekly', cron: '0 8 * * 1', timezone: 'UTC' }
    const create = (file: string) => company.member.api.schedules.create.mutate({ ...weekly, input: { file } })
    expect(await faultyPaths(create(ofOthers))).toEqual(['input.file'])
    const { id: scheduleId } = await create(first)
    const update = (file: string) =>
      company.member.api.schedules.update.mutate({ companyId, scheduleId, input: { file } })
    expect(await faultyPaths(update(ofOthers))).toEqual(['input.file'])
    expect(await update(first)).toMatchObject({ id: scheduleId })
  })
})
