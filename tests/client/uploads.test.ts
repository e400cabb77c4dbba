import { createHash } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished } from 'vitest'
import { type StudiosClientOptions, studiosError, uploadFile } from '../../src/client.ts'
import { desk, holdings, nothing } from '../support/uploads.ts'
import { type Person, test, type World } from '../support/world.ts'

const accessOf = ({ stack }: World, { accessToken }: Person): StudiosClientOptions => ({
  url: `${stack.url}/`,
  accessToken: () => accessToken,
})
const table = new Blob(['a,b\n1,2\n'], { type: 'text/csv' })

describe('the client', () => {
  test('uploads a file from the disk and tells how far it has come', async ({ world }) => {
    const { company, studioId } = await desk(world)
    const folder = await mkdtemp(join(tmpdir(), 'studios-upload-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const path = join(folder, 'export.csv')
    const bytes = Buffer.alloc(1024 * 1024, 'a,b\n')
    await writeFile(path, bytes)
    const heard: number[] = []
    const file = await uploadFile(accessOf(world, company.member), {
      to: { studioId, filename: 'Exporte "alle".csv', accessLevel: 'company', tags: ['crm', 'q3'] },
      content: await openAsBlob(path, { type: 'text/csv' }),
      onProgress: (sent) => heard.push(sent),
    })
    expect(file).toMatchObject({
      ...{ filename: 'Exporte "alle".csv', accessLevel: 'company', tags: ['crm', 'q3'], mimeType: 'text/csv' },
      checksum: createHash('sha256').update(bytes).digest('hex'),
    })
    expect(heard.length).toBeGreaterThan(2)
    expect(heard).toEqual(heard.toSorted((a, b) => a - b))
    expect(heard.at(-1)).toBe(bytes.length)
  })

  test('uploads the next version of a file', async ({ world }) => {
    const { company, studioId } = await desk(world)
    const access = accessOf(world, company.member)
    const { id: fileId } = await uploadFile(access, { to: { studioId, filename: 'table.csv' }, content: table })
    const next = await uploadFile(access, { to: { fileId }, content: new Blob(['c,d\n']), type: 'text/csv' })
    expect(next).toMatchObject({ id: fileId, filename: 'table.csv', version: 2, fileSize: 4 })
  })

  test('throws what the server says, as every other call', async ({ world }) => {
    const { company, studioId } = await desk(world)
    const to = { studioId, filename: 'table.csv' }
    const refused = (person: Person, fields: object = {}) =>
      uploadFile(accessOf(world, person), { to, content: table, ...fields }).catch(studiosError)
    expect(await refused(company.viewer)).toMatchObject({ code: 'FORBIDDEN', httpStatus: 403 })
    expect(await refused(company.member, { checksum: '0'.repeat(64) })).toMatchObject({
      ...{ code: 'BAD_REQUEST', issues: [{ path: 'checksum' }] },
    })
    expect(await holdings(world.stack, company.id)).toEqual(nothing)
  })

  test('stops when it is told to', async ({ world }) => {
    const { company, studioId } = await desk(world)
    const stop = new AbortController()
    const upload = uploadFile(accessOf(world, company.member), {
      to: { studioId, filename: 'table.csv' },
      content: new Blob([Buffer.alloc(20 * 1024 * 1024, 'a,b\n')], { type: 'text/csv' }),
      signal: stop.signal,
      onProgress: () => stop.abort(),
    })
    await expect(upload).rejects.toMatchObject({ name: 'AbortError' })
  })
})
