import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { type KeptFile, keepFile } from '../support/files.ts'
import { addAttempt, endRun, runUnderWay, test, workplace } from '../support/resting.ts'
import { giveFile, inWindows1252 } from '../support/run-files.ts'
import { unique, type World } from '../support/world.ts'
import { send } from './calls.ts'
import { log, tell } from './flow-messages.ts'

const content = 'name,city\nAda,Köln\n'
const bytes = Buffer.from(content)

/** A run under way that was given a file, and its link. */
async function runWithLink(world: World, given: Pick<Partial<KeptFile>, 'accessLevel' | 'content' | 'mimeType'> = {}) {
  const place = await workplace(world)
  const file = await keepFile(world.stack, place.company.admin, {
    studioId: place.studioId,
    content,
    filename: 'Kündigungen (neu).csv',
    ...given,
  })
  const { executionId } = await runUnderWay(world, place)
  const token = await giveFile(world, executionId, file.id)
  return { place, file, executionId, token, link: linkTo(executionId, file.id, token) }
}

const linkTo = (executionId: string, fileId: string, token: string) =>
  `/files/runs/${executionId}/${fileId}?token=${token}`

const readsOf = async ({ stack }: World, fileId: string) =>
  (await stack.owner.query('select execution_id, version from file_reads where file_id = $1 order by id', [fileId]))
    .rows

describe('the link that a run has to a file', () => {
  test('answers the bytes with their type, and each call is a read', async ({ world }) => {
    const { file, executionId, link } = await runWithLink(world)
    const answer = await fetch(`${world.stack.url}${link}`)
    expect(answer.status).toBe(200)
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/csv',
      'content-length': String(bytes.length),
      'content-disposition': `attachment; filename="K_ndigungen (neu).csv"; filename*=UTF-8''K%C3%BCndigungen%20%28neu%29.csv`,
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-store',
      etag: `"${file.checksum}"`,
    })
    await fetch(`${world.stack.url}${link}`)
    const read = { execution_id: executionId, version: 1 }
    expect(await readsOf(world, file.id)).toEqual([read, read])
  })

  test.for([
    ['Windows-1252', inWindows1252('Müller;5 €\n“Spaß”'), 'Müller;5 €\n“Spaß”', 'windows-1252'],
    ['UTF-8', Buffer.from('Müller;5 €\n“Spaß”'), 'Müller;5 €\n“Spaß”', null],
    ['UTF-8, with a letter across two reads', Buffer.from(`${'a'.repeat(65_535)}ü`), `${'a'.repeat(65_535)}ü`, null],
    ['UTF-8 with a letter that is cut off', Buffer.from('Köln, Müller ß').subarray(0, -1), 'Köln, Müller \ufffd', null],
    ['none but the plain alphabet', Buffer.from('Cologne'), 'Cologne', null],
  ] as const)('answers text in %s as UTF-8 where that is asked for', async ([, saved, text, from], { world }) => {
    const { link, file } = await runWithLink(world, { content: saved })
    const answer = await fetch(`${world.stack.url}${link}&charset=utf-8`, { headers: { range: 'bytes=0-1' } })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8'])
    expect(answer.headers.get('x-converted-from')).toBe(from)
    expect(answer.headers.get('etag')).toBe(`"${file.checksum}-utf-8"`)
    expect(await answer.text()).toBe(text)
    expect(await readsOf(world, file.id)).toHaveLength(1)
    expect(Buffer.from(await (await fetch(`${world.stack.url}${link}`)).arrayBuffer())).toEqual(saved)
  })

  test('leaves alone what is no text, whatever is asked for', async ({ world }) => {
    const content = Buffer.from([0x50, 0x4b, 3, 4, 0xff, 0xfe])
    const { link } = await runWithLink(world, { content, mimeType: 'application/zip' })
    const answer = await fetch(`${world.stack.url}${link}&charset=utf-8`)
    expect(answer.headers.get('content-type')).toBe('application/zip')
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(content)
    expect((await fetch(`${world.stack.url}${link}&charset=latin1`)).status).toBe(404)
  })

  test('answers the version that the run was given, whatever the file has become', async ({ world }) => {
    const { place, file, executionId } = await runWithLink(world)
    const { owner } = world.stack
    await owner.query(
      `insert into file_versions (company_id, file_id, number, uploaded_by, file_size, mime_type, supabase_path, checksum, status, id, expires_at)
       select company_id, id, 2, uploaded_by, 1, 'text/plain', company_id || '/' || $2, checksum, 'ready', $2::uuid, now() from files where id = $1`,
      [file.id, randomUUID()],
    )
    await owner.query(`update files set version = 2, file_size = 1, mime_type = 'text/plain' where id = $1`, [file.id])
    const other = await runUnderWay(world, place)
    const token = await giveFile(world, other.executionId, file.id, 1)
    const answer = await send(world.stack, linkTo(other.executionId, file.id, token))
    expect([answer.status, answer.body, answer.headers.get('content-type')]).toEqual([200, content, 'text/csv'])
    expect(executionId).not.toBe(other.executionId)
  })

  test('answers parts, and nothing to who has it already', async ({ world }) => {
    const { link, file } = await runWithLink(world)
    const part = async (range: string, more: Record<string, string> = {}) => {
      const answer = await fetch(`${world.stack.url}${link}`, { headers: { range, ...more } })
      return [answer.status, answer.headers.get('content-range'), await answer.text()]
    }
    const size = bytes.length
    expect(await part('bytes=0-3')).toEqual([206, `bytes 0-3/${size}`, 'name'])
    expect(await part('bytes=5-8')).toEqual([206, `bytes 5-8/${size}`, 'city'])
    expect(await part('bytes=-6')).toEqual([
      206,
      `bytes ${size - 6}-${size - 1}/${size}`,
      bytes.subarray(-6).toString(),
    ])
    expect(await part(`bytes=10-${size + 50}`)).toEqual([
      206,
      `bytes 10-${size - 1}/${size}`,
      bytes.subarray(10).toString(),
    ])
    expect(await part('bytes=0-1,4-5')).toEqual([200, null, content])
    expect(await part('bytes=0-3', { 'if-range': '"another"' })).toEqual([200, null, content])
    expect((await part(`bytes=${size}-`)).slice(0, 2)).toEqual([416, `bytes */${size}`])
    const known = await fetch(`${world.stack.url}${link}`, { headers: { 'if-none-match': `"${file.checksum}"` } })
    expect([known.status, await known.text()]).toEqual([304, ''])
  })

  test('is closed once the run has ended, and open again when it is taken up anew', async ({ world }) => {
    const { executionId, link, file } = await runWithLink(world)
    const { owner } = world.stack
    const status = async () => (await send(world.stack, link)).status
    await owner.query(`update workflow_executions set status = 'paused' where id = $1`, [executionId])
    expect(await status()).toBe(200)
    await owner.query(`update workflow_executions set status = 'failed' where id = $1`, [executionId])
    const answer = await send(world.stack, link)
    expect(answer).toMatchObject({
      status: 410,
      body: { code: 'NOT_FOUND', issues: [], requestId: expect.any(String) },
    })
    expect(Object(answer.body).message).toMatch(/^This link is closed: its run has ended/)
    for (const next of ['pending', 'running'])
      await owner.query('update workflow_executions set status = $2 where id = $1', [executionId, next])
    expect(await status()).toBe(200)
    await endRun(world, executionId)
    expect(await status()).toBe(410)
    expect(await readsOf(world, file.id)).toHaveLength(2)
  })

  test.for([
    ['is in the trash', 'update files set deleted_at = now() where id = $1'],
    ['has become somebody’s own', `update files set access_level = 'private', uploaded_by = $2 where id = $1`],
  ])('is closed while the file %s', async ([, change], { world }) => {
    const { link, file, place } = await runWithLink(world)
    const values = change?.includes('$2') ? [file.id, place.company.member.userId] : [file.id]
    await world.stack.owner.query(change ?? '', values)
    expect((await send(world.stack, link)).status).toBe(410)
    expect(await readsOf(world, file.id)).toEqual([])
  })

  test('is closed once whoever started the run has left', async ({ world }) => {
    const { link, place } = await runWithLink(world)
    await world.stack.owner.query(`update user_companies set role = 'admin' where company_id = $1 and user_id = $2`, [
      place.companyId,
      place.company.member.userId,
    ])
    await place.company.admin.api.companies.members.leave.mutate({ companyId: place.companyId })
    expect((await send(world.stack, link)).status).toBe(410)
  })
})

describe('what is no link of the run to the file', () => {
  test('is refused in one sentence, whatever is wrong with it', async ({ world }) => {
    const one = await runWithLink(world)
    const other = await runWithLink(world)
    const second = await keepFile(world.stack, one.place.company.admin, { studioId: one.place.studioId })
    const tries = [
      linkTo(one.executionId, one.file.id, other.token),
      linkTo(other.executionId, one.file.id, one.token),
      linkTo(one.executionId, other.file.id, one.token),
      linkTo(one.executionId, second.id, one.token),
      linkTo(randomUUID(), one.file.id, one.token),
      linkTo('no-run', one.file.id, one.token),
      `${one.link}x`,
      `${one.link}&token=${one.token}`,
      `/files/runs/${one.executionId}/${one.file.id}`,
    ]
    const answers = await Promise.all(tries.map((path) => send(world.stack, path)))
    const told = answers.map(({ status, body }) => ({ status, ...Object(body), requestId: '' }))
    expect(new Set(told.map((each) => JSON.stringify(each))).size).toBe(1)
    expect(told[0]).toMatchObject({ status: 404, code: 'NOT_FOUND', message: expect.stringContaining('opens no file') })
    const { accessToken: token } = one.place.company.admin
    expect((await send(world.stack, `/files/runs/${one.executionId}/${one.file.id}`, { token })).status).toBe(404)
    expect(await readsOf(world, one.file.id)).toEqual([])
  })

  test('only reads: no other method finds anything there', async ({ world }) => {
    const { link, file } = await runWithLink(world)
    for (const method of ['HEAD', 'POST', 'DELETE'])
      expect((await fetch(`${world.stack.url}${link}`, { method })).status, method).toBe(404)
    expect(await readsOf(world, file.id)).toEqual([])
  })

  test('is slowed down when it guesses, and holds up no flow behind the same address', async ({ world }) => {
    const { executionId, file, link } = await runWithLink(world)
    expect((await send(world.stack, link)).status).toBe(200)
    const guess = () => send(world.stack, linkTo(executionId, file.id, `srf_${unique().repeat(3)}`))
    const guesses = await Promise.all(Array.from({ length: 60 }, guess))
    expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([404]))
    expect(await guess()).toMatchObject({ status: 429, body: { code: 'TOO_MANY_REQUESTS' } })
    expect((await send(world.stack, link)).status).toBe(200)
  })

  test('is not told by a flow that repeats its link', async ({ world }) => {
    const { place, file, token, executionId } = await runWithLink(world)
    const secret = await addAttempt(world, executionId, 2)
    const link = `http://studios.test${linkTo(executionId, file.id, token)}`
    await tell(world.stack, { executionId, secret }, log('1', `Reading ${link} now`))
    const { items } = await place.company.viewer.api.executions.logs.query({ executionId })
    expect(items.at(-1)?.message).toBe(`Reading ${link.replace(token, '(hidden)')} now`)
    expect(JSON.stringify(items)).not.toContain(token)
  })

  test('finds neither link nor token in the log', async ({ world }) => {
    const { link, token, executionId } = await runWithLink(world)
    await send(world.stack, link)
    await send(world.stack, `${link}x`)
    await send(world.stack, link, { method: 'POST' })
    await endRun(world, executionId)
    await send(world.stack, link)
    const told = world.stack.logs.join('\n')
    expect(told).toContain('/files/runs/:executionId/:fileId')
    expect(told).not.toContain(token)
  })
})
