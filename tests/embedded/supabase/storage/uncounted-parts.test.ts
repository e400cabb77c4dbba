import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Person, Stack } from '../support/stack.ts'
import { filesOf, openOwnFolders, someBucket } from './support/storage.ts'
import { begin, openPatch, patch, stateOf } from './support/tus.ts'

const soon = { timeout: 10_000, interval: 10 }
const signed = '/upload/resumable/sign'

describe('uploads in parts are no place for bytes that nobody counts: they', () => {
  let stack: Stack
  let bucket: string
  let ana: Person

  beforeAll(async () => {
    stack = await Stack.start({}, { upkeepSeconds: 0.1, checkpointBytes: 1 })
    bucket = await someBucket(stack)
    ana = await stack.person()
    await openOwnFolders(stack, bucket)
  })

  afterAll(() => stack.stop())

  const place = (name: string) => ({ bucket, name: `${ana.id}/${name}` })
  const tokenFor = async (name: string) =>
    (await ana.client.storage.from(bucket).createSignedUploadUrl(`${ana.id}/${name}`)).data?.token ?? ''
  const beginBy = async (token: string, name: string) => {
    const headers = { 'x-signature': token }
    const { url, created } = await begin(stack, { as: 'nobody', ...place(name), length: 4, headers, path: signed })
    const send = (body: string) => patch(stack, url, { as: 'nobody', offset: 0, body, headers })
    return { url, created, send }
  }
  const uploadsOf = async (name: string) => {
    const text = 'select id from storage.resumable_uploads where name = $1 and completed_at is null'
    return (await stack.sql.query(text, [`${ana.id}/${name}`])).rows.map(({ id }) => `partial/${id}`)
  }

  test('are one at a time: a new one takes the place of the one before', async () => {
    const token = await tokenFor('again')
    const first = await beginBy(token, 'again')
    await first.send('01')
    const [former] = await uploadsOf('again')
    expect(filesOf(stack)).toContain(former)
    const more = await Promise.all(Array.from({ length: 5 }, () => beginBy(token, 'again')))
    expect(more.map(({ created }) => created.status)).toEqual([201, 201, 201, 201, 201])
    expect(await uploadsOf('again')).toHaveLength(1)
    expect(filesOf(stack)).not.toContain(former)
    expect((await first.send('01')).status).toBe(404)
    const last = await beginBy(token, 'again')
    expect((await last.send('0123')).status).toBe(204)
  })

  test('break off what is still being sent when they take its place', async () => {
    const { url } = await begin(stack, { as: ana, ...place('hanging'), length: 4 })
    const socket = openPatch(stack, url, ana, 4)
    socket.write('01')
    await expect.poll(async () => filesOf(stack).filter((file) => file.startsWith('partial/')), soon).toHaveLength(1)
    const { url: next } = await begin(stack, { as: ana, ...place('hanging'), length: 4 })
    expect((await stateOf(stack, url, ana)).status).toBe(404)
    expect((await patch(stack, next, { as: ana, offset: 0, body: '0123' })).status).toBe(204)
    socket.destroy()
  })

  test('end with the link that let them in, and are cleared away without anybody asking', async () => {
    const token = await tokenFor('left')
    const { created, send } = await beginBy(token, 'left')
    await send('01')
    const expires = Date.parse(created.headers.get('upload-expires') ?? '')
    expect(Math.round((expires - Date.now()) / 60_000)).toBe(120)
    expect(filesOf(stack)).toContain((await uploadsOf('left'))[0])
    stack.advance(7201)
    await expect.poll(() => uploadsOf('left'), soon).toEqual([])
    await expect.poll(() => filesOf(stack).filter((file) => file.startsWith('partial/')), soon).toEqual([])
    stack.advance(-7201)
  })

  test('go when the service removes what they were to become, and for nobody else', async () => {
    const { send } = await beginBy(await tokenFor('unwanted'), 'unwanted')
    await send('01')
    const [parts] = await uploadsOf('unwanted')
    await ana.client.storage.from(bucket).remove([`${ana.id}/unwanted`])
    expect(await uploadsOf('unwanted')).toEqual([parts])
    expect(
      (
        await stack
          .admin()
          .storage.from(bucket)
          .remove([`${ana.id}/unwanted`])
      ).error,
    ).toBeNull()
    expect(await uploadsOf('unwanted')).toEqual([])
    expect(filesOf(stack)).not.toContain(parts)
  })

  test('leave no fault in the log', () => {
    expect(stack.logged.filter((line) => line.includes('failed'))).toEqual([])
  })
})
