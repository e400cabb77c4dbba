import { describe, expect, vi } from 'vitest'
import { desk, holdings, nothing, uploadForm } from '../support/uploads.ts'
import { testWith, type World } from '../support/world.ts'
import { beginRaw, chunk, field, fileStart, formEnd } from './raw-upload.ts'

const test = testWith({ UPLOAD_IDLE_SECONDS: '1', ROLE: 'api' })
const chunked = { 'transfer-encoding': 'chunked' }
const large = 'a,b\n'.repeat(64 * 1024)

/** Waits until what there is of a company's files is as expected; uploads go on after their client is gone. */
const becomes = (world: World, companyId: string, expected: object) =>
  vi.waitFor(async () => expect(await holdings(world.stack, companyId)).toMatchObject(expected), { timeout: 15_000 })

describe('an upload whose client', () => {
  test('gives no length and no size is refused before a byte is taken', async ({ world }) => {
    const { company, path } = await desk(world)
    const { send, answer } = await beginRaw(world.stack, company.member, path, chunked)
    send(chunk(`${fileStart}a,b\n`))
    expect(await answer).toMatchObject({ status: 400, body: { issues: [{ path: 'size' }] } })
    expect(await holdings(world.stack, company.id)).toEqual(nothing)
  })

  test('sends in chunks with a size is taken', async ({ world }) => {
    const { company, path } = await desk(world)
    const { send, answer } = await beginRaw(world.stack, company.member, path, chunked)
    send(chunk(field('size', '8')))
    send(chunk(`${fileStart}a,b\n`))
    send(chunk(`1,2\n${formEnd}`))
    send(chunk(''))
    expect(await answer).toMatchObject({ status: 201, body: { fileSize: 8 } })
  })

  test('announces more than may be is refused at once', async ({ world }) => {
    const { company, path } = await desk(world)
    const length = { 'content-length': String(200 * 1024 * 1024) }
    const { answer } = await beginRaw(world.stack, company.member, path, length)
    expect(await answer).toMatchObject({ status: 413, body: { message: expect.stringContaining('100 MB') } })
  })

  test('announces less than it sends is cut off there', async ({ world }) => {
    const { company, path } = await desk(world)
    const body = `${fileStart}a,b\n1,2\n`
    const length = { 'content-length': String(Buffer.byteLength(body) - 3) }
    const { send, answer } = await beginRaw(world.stack, company.member, path, length)
    send(body + formEnd)
    expect(await answer).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } })
    await becomes(world, company.id, nothing)
  })

  test('sends nothing any more is let go, in the file and before it', async ({ world }) => {
    const { company, path } = await desk(world)
    const length = { 'content-length': '1000000' }
    for (const start of [field('accessLevel', 'studio'), `${fileStart}${large}`]) {
      const { send, answer } = await beginRaw(world.stack, company.member, path, length)
      send(start)
      expect(await answer).toMatchObject({ status: 400, body: { message: /^Nothing came for 1 seconds/ } })
      await becomes(world, company.id, nothing)
    }
  })

  test('hangs up leaves nothing', async ({ world }) => {
    const { company, path } = await desk(world)
    const { send, socket, answer } = await beginRaw(world.stack, company.member, path, { 'content-length': '1000000' })
    send(`${fileStart}${large}`)
    await becomes(world, company.id, { uploading: 1, usedBytes: 1_000_000 })
    socket.destroy()
    await becomes(world, company.id, nothing)
    await answer
  })

  test('sends a second file, or a field behind it, is refused', async ({ world }) => {
    const { company, path } = await desk(world)
    for (const rest of [`\r\n${field('accessLevel', 'private')}`, `\r\n${fileStart}c,d\n`]) {
      const body = `${fileStart}a,b\n${rest.replace(/\r\n$/, '')}${formEnd}`
      const length = { 'content-length': String(Buffer.byteLength(body)) }
      const { send, answer } = await beginRaw(world.stack, company.member, path, length)
      send(body)
      expect(await answer).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } })
      expect(await holdings(world.stack, company.id)).toMatchObject({ files: 0, versions: 0, usedBytes: 0 })
    }
  })

  test('sends something else than a form, or half of one, is told so', async ({ world }) => {
    const { company, path } = await desk(world)
    const json = { 'content-type': 'application/json', 'content-length': '2' }
    const other = await beginRaw(world.stack, company.member, path, json)
    other.send('{}')
    expect(await other.answer).toMatchObject({ status: 415, body: { message: expect.stringContaining('multipart') } })
    for (const body of ['', 'no form', field('size', '8'), `${fileStart}a,b\n`]) {
      const length = { 'content-length': String(Buffer.byteLength(body)) }
      const { send, answer } = await beginRaw(world.stack, company.member, path, length)
      send(body)
      expect(await answer).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } })
    }
    expect(await holdings(world.stack, company.id)).toMatchObject({ files: 0, versions: 0, usedBytes: 0 })
  })
})

describe('when something ends under an upload', () => {
  test('the API ends it in good order, and the quota has its bytes back', async ({ world }) => {
    const { company, path } = await desk(world)
    const { send, answer } = await beginRaw(world.stack, company.member, path, { 'content-length': '1000000' })
    send(`${fileStart}${large}`)
    await becomes(world, company.id, { uploading: 1 })
    await world.stack.restart()
    expect(await holdings(world.stack, company.id)).toEqual(nothing)
    await answer
  })

  test('the storage stops: a clear error, the quota has its bytes back, and later it works', async ({ world }) => {
    const { company, path } = await desk(world)
    const { send, answer } = await beginRaw(world.stack, company.member, path, { 'content-length': '1000000' })
    send(`${fileStart}${large}`)
    await becomes(world, company.id, { uploading: 1 })
    await world.stack.storage.stop()
    send(large)
    expect(await answer).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE', message: /file storage/ } })
    await becomes(world, company.id, nothing)
    const refused = await uploadForm(world.stack, company.member, { path })
    expect([refused.status, refused.body['code']]).toEqual([503, 'UNAVAILABLE'])
    expect(await holdings(world.stack, company.id)).toEqual(nothing)
    await world.stack.storage.start()
    expect((await uploadForm(world.stack, company.member, { path })).status).toBe(201)
  })
})
