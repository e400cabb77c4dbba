import { describe, expect } from 'vitest'
import { piece } from '../embedded/activepieces/flows.ts'
import { type EngineFront, engineFront } from '../support/engine-front.ts'
import { type KeptFile, keepFile } from '../support/files.ts'
import { plainEnvelope, type TestWorkflow } from '../support/flows.ts'
import { fileField, holdRuns, inWindows1252, readsFile } from '../support/run-files.ts'
import { reached, readyToRun, runToEnd, watchToEnd } from '../support/runs.ts'
import { join, type Person, testWith, type World } from '../support/world.ts'

/** A stack whose engine is reached through a front, where the links that it is sent can be seen. */
const test = testWith({}).extend('front', { scope: 'file' }, async ({ stack }, { onCleanup }) => {
  const front = await engineFront(stack.connections.engine.url)
  Object.assign(stack.connections.engine, { url: front.url })
  await stack.restart()
  onCleanup(() => front.close())
  return front
})

const content = 'name,city\nAda,Köln\n'

/** What the engine was sent as a run's files, with each start of it. */
function sentFiles(front: EngineFront, executionId: string) {
  return front.calls
    .filter(({ path, body }) => path.includes('/webhooks/') && body.includes(executionId))
    .map(({ body }) => JSON.parse(body).files as { property: string; id: string; url: string }[])
}

async function ready(world: World, workflow: TestWorkflow = readsFile) {
  const place = await readyToRun(world, workflow)
  const keep = (given: Partial<KeptFile> = {}, person: Person = place.person) =>
    keepFile(world.stack, person, { studioId: place.studioId, content, ...given })
  return { ...place, keep }
}

/** A member of the company who starts a run with a file of their own before any can begin. */
async function startedByMember(world: World, accessLevel: 'private' | 'studio') {
  const place = await ready(world)
  const { slug } = await place.person.api.companies.byId.query({ companyId: place.companyId })
  const member = await world.signUp()
  await join(place.person, member, { id: place.companyId, slug }, 'member')
  const letRuns = await holdRuns(world, place.companyId)
  const file = await place.keep({ accessLevel }, member)
  const { execution } = await member.api.executions.start.mutate({
    studioId: place.studioId,
    templateId: place.templateId,
    input: { file: file.id },
  })
  return { ...place, member, file, executionId: execution.id, letRuns }
}

const pauses: TestWorkflow = {
  pieces: [piece('wait', 'approval wait_for_approval')],
  steps: [{ name: 'conclude', title: 'Conclude', code: `export const code = async () => ${plainEnvelope()}` }],
  properties: { first: fileField, list: { type: 'array', items: fileField } },
}

describe('a run with a file', () => {
  test('that was saved in Windows-1252 reads every letter of it', async ({ world }) => {
    const { person, keep, start } = await ready(world)
    const letters = 'name;paid\nMüller & Söhne;5\u00a0€\nDvořák'.replace('ř', '“ß”')
    const { id: file } = await keep({ content: inWindows1252(letters) })
    const { outputData } = await runToEnd(person, await start({ file }))
    expect(outputData?.summary).toBe(letters)
  })

  test('reads it by its link, which is told nowhere', async ({ world, front }) => {
    const { person, keep, start } = await ready(world)
    const { id: file } = await keep({ filename: 'people.csv' })
    const executionId = await start({ file })
    const events = await watchToEnd(person, executionId)
    const run = await person.api.executions.byId.query({ executionId })
    expect(run).toMatchObject({ status: 'succeeded', filesUsed: [{ file_id: file, usage_type: 'input' }] })
    expect(run.outputData?.summary).toBe(content)
    const [sent = []] = sentFiles(front, executionId)
    const url = expect.stringMatching(
      new RegExp(`^${world.stack.url}/files/runs/${executionId}/${file}\\?token=srf_[\\w-]{43}$`),
    )
    const size = Buffer.byteLength(content)
    expect(sent).toEqual([{ property: 'file', id: file, name: 'people.csv', type: 'text/csv', size, url }])
    const token = new URL(sent[0]?.url ?? '').searchParams.get('token') ?? ''
    const { rows } = await world.stack.owner.query(
      `select row_to_json(e)::text as told from execution_events e where execution_id = $1
       union all select row_to_json(e)::text from workflow_executions e where id = $1
       union all select row_to_json(a)::text from execution_attempts a where execution_id = $1
       union all select row_to_json(f)::text from execution_files f where execution_id = $1
       union all select row_to_json(l)::text from audit_logs l where resource_id = $1`,
      [executionId],
    )
    const told = JSON.stringify([events, rows, world.stack.logs])
    expect(told).toContain(executionId)
    expect(told).not.toContain(token)
    expect((await fetch(sent[0]?.url ?? '')).status).toBe(410)
    const { items } = await person.api.files.readers.query({ fileId: file })
    expect(items).toMatchObject([{ executionId, reads: 1, versionsRead: [1], property: 'file' }])
  })

  test('of the catalog finds in it what it finds in the same text', async ({ world }) => {
    const { person, studioId, keep } = await ready(world)
    const { id: templateId } = await person.api.catalog.byId.query({ templateId: 'deal-pipeline-analysis' })
    const deals = `opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value
1,Ana,Basic,Acme,Won,2017-01-02,2017-02-03,100
2,Bob,Basic,Acme,Lost,2017-01-05,2017-02-01,0
`
    const { id: file } = await keep({ content: deals, filename: 'deals.csv' })
    const [byText, byFile] = await Promise.all(
      [{ data: deals }, { file }].map(async (input) => {
        const { execution } = await person.api.executions.start.mutate({
          studioId,
          templateId,
          input: { ...input, asOf: '2017-03-01' },
        })
        return runToEnd(person, execution.id)
      }),
    )
    expect(byFile).toMatchObject({ status: 'succeeded', filesUsed: [{ file_id: file, usage_type: 'input' }] })
    expect(byFile?.outputData).toEqual(byText?.outputData)
  })

  test('has the links of all its files for as long as it goes on', async ({ world, front }) => {
    const { person, keep, start } = await ready(world, pauses)
    const [one, two] = [await keep({ content: 'one' }), await keep({ content: 'two' })]
    const executionId = await start({ first: one.id, list: [two.id, one.id] })
    await reached(person, executionId, 'paused')
    const [sent = []] = sentFiles(front, executionId)
    const read = async ({ property, id, url }: (typeof sent)[number]) => [property, id, await (await fetch(url)).text()]
    expect(new Set(await Promise.all(sent.map(read)))).toEqual(
      new Set([
        ['first', one.id, 'one'],
        ['list.0', two.id, 'two'],
        ['list.1', one.id, 'one'],
      ]),
    )
    await person.api.executions.cancel.mutate({ executionId })
    expect((await runToEnd(person, executionId)).status).toBe('cancelled')
    const closed = await Promise.all(sent.map(async ({ url }) => (await fetch(url)).status))
    expect(closed).toEqual([410, 410, 410])
  })

  test('reads it again by the same link when it is taken up at its failed step', async ({ world, front }) => {
    const { person, keep, start } = await ready(world)
    const { id: file, versionId } = await keep()
    const setStatus = (status: string) =>
      world.stack.owner.query('update file_versions set status = $2 where id = $1', [versionId, status])
    await setStatus('uploading')
    const executionId = await start({ file })
    expect(await runToEnd(person, executionId)).toMatchObject({ status: 'failed', failedStep: 'read_studio_file' })
    await setStatus('ready')
    await person.api.executions.retry.mutate({ executionId, from: 'failed_step' })
    const run = await runToEnd(person, executionId)
    expect(run).toMatchObject({ status: 'succeeded', retryCount: 1, outputData: { summary: content } })
    expect(sentFiles(front, executionId)).toHaveLength(1)
  })

  test('gets a new link when it begins anew, and the old one is none any more', async ({ world, front }) => {
    const { person, keep, start } = await ready(world, pauses)
    const { id: first } = await keep()
    const executionId = await start({ first })
    await reached(person, executionId, 'paused')
    const { owner } = world.stack
    await owner.query(`update workflow_executions set status = 'failed' where id = $1`, [executionId])
    const isSentAgain = new Promise<void>((done) => {
      front.answer(({ path, body }) => {
        if (path.includes('/webhooks/') && body.includes(executionId)) done()
        return undefined
      })
    })
    await person.api.executions.retry.mutate({ executionId, from: 'start' })
    await isSentAgain
    const links = sentFiles(front, executionId).map(([file]) => file?.url ?? '')
    expect(links).toHaveLength(2)
    expect(await Promise.all(links.map(async (url) => (await fetch(url)).status))).toEqual([404, 200])
    await person.api.executions.cancel.mutate({ executionId })
    await runToEnd(person, executionId)
  })
})

describe('a run whose file was taken from it before it began', () => {
  const taken: [
    string,
    'private' | 'studio',
    (place: Awaited<ReturnType<typeof startedByMember>>, world: World) => Promise<unknown>,
  ][] = [
    [
      'went into the trash',
      'studio',
      ({ file }, { stack }) => stack.owner.query('update files set deleted_at = now() where id = $1', [file.id]),
    ],
    [
      'became somebody else’s own',
      'studio',
      ({ file, person }, { stack }) =>
        stack.owner.query(`update files set uploaded_by = $2, access_level = 'private' where id = $1`, [
          file.id,
          person.userId,
        ]),
    ],
    [
      'is of a studio that was closed to the starter',
      'studio',
      async ({ file, person, companyId }, world) => {
        const closed = await world.studio(person, companyId, { access: 'restricted' })
        await world.stack.owner.query('update files set studio_id = $2, folder_id = null where id = $1', [
          file.id,
          closed.id,
        ])
      },
    ],
    [
      'is private and its owner has left the company',
      'private',
      ({ person, companyId, member }) =>
        person.api.companies.members.revoke.mutate({ companyId, userId: member.userId }),
    ],
  ]

  test.for(taken)('as it %s is not sent, and says which field it was', async ([, access, take], { world, front }) => {
    const place = await startedByMember(world, access)
    const { person, executionId } = place
    await take(place, world)
    await place.letRuns()
    expect(await runToEnd(person, executionId)).toMatchObject({
      status: 'failed',
      failureKind: 'rejected',
      retryCount: 0,
      errorMessage:
        'The run was not started: the file in "file" is not there any more, or the person who started the run may not read it at this moment.',
    })
    expect(sentFiles(front, executionId)).toEqual([])
    const { rows } = await world.stack.owner.query('select from execution_files where execution_id = $1', [executionId])
    expect(rows).toEqual([])
  })
})
