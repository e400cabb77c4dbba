import { createHash } from 'node:crypto'
import { mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Person, Stack } from '../support/stack.ts'
import { startKillable } from './support/killable.ts'
import { breakRows, bytes, faultOf, filesOf, openOwnFolders, someBucket } from './support/storage.ts'
import { begin, openPatch, patch, stateOf, uploadAll } from './support/tus.ts'

const soon = { timeout: 10_000, interval: 10 }

describe('uploads that were interrupted', () => {
  let stack: Stack
  let bucket: string
  let ana: Person

  beforeAll(async () => {
    stack = await Stack.start({}, { checkpointBytes: 1_000_000 })
    bucket = await someBucket(stack)
    ana = await stack.person()
    await openOwnFolders(stack, bucket)
  })

  afterAll(() => stack.stop())

  const md5 = (data: Uint8Array) => createHash('md5').update(data).digest('hex')
  const place = (name: string) => ({ bucket, name: `${ana.id}/${name}` })
  const partial = () => filesOf(stack).filter((file) => file.startsWith('partial/'))
  const sizeOfPartial = () => {
    const [only, ...others] = partial()
    expect(others).toEqual([])
    return only ? statSync(join(stack.dataDir, 'storage', only)).size : 0
  }
  const bytesOf = async (name: string) => {
    const { data, error } = await ana.client.storage.from(bucket).download(`${ana.id}/${name}`)
    if (error) throw error
    return Buffer.from(await data.arrayBuffer())
  }
  /** Lets the client go on at an address; where it has to begin anew, the address is another. */
  const goOn = async (name: string, uploadUrl: string, content: Buffer) => {
    const { url } = await uploadAll(stack, { as: ana, ...place(name), content, options: { uploadUrl } })
    expect(url).toBe(uploadUrl)
  }
  const received = async (name: string) => {
    const text = 'select received_bytes::int as bytes from storage.resumable_uploads where name = $1'
    return (await stack.sql.query(text, [`${ana.id}/${name}`])).rows[0]?.bytes ?? 0
  }

  test('go on after a connection that broke', async () => {
    const content = bytes(4_000_000)
    const { url } = await begin(stack, { as: ana, ...place('broken'), length: content.length })
    const socket = openPatch(stack, url, ana, content.length)
    socket.write(content.subarray(0, 1_700_000))
    await expect.poll(sizeOfPartial, soon).toBe(1_700_000)
    socket.destroy()
    await expect.poll(async () => (await stateOf(stack, url, ana)).offset, soon).toBe('1700000')
    await goOn('broken', url, content)
    expect(md5(await bytesOf('broken'))).toBe(md5(content))
  })

  test('go on when the old connection still hangs', async () => {
    const content = bytes(2_000_000)
    const { url } = await begin(stack, { as: ana, ...place('hanging'), length: content.length })
    const socket = openPatch(stack, url, ana, content.length)
    socket.write(content.subarray(0, 500_000))
    await expect.poll(sizeOfPartial, soon).toBe(500_000)
    await goOn('hanging', url, content)
    expect(md5(await bytesOf('hanging'))).toBe(md5(content))
    socket.destroy()
  })

  test('go on after the server was closed in the middle', async () => {
    const content = bytes(4_000_000)
    const { url } = await begin(stack, { as: ana, ...place('closed'), length: content.length })
    const socket = openPatch(stack, url, ana, content.length)
    socket.write(content.subarray(0, 2_300_000))
    await expect.poll(async () => received('closed'), soon).toBeGreaterThanOrEqual(2_000_000)
    await stack.restart()
    expect(Number((await stateOf(stack, url, ana)).offset)).toBeGreaterThanOrEqual(2_000_000)
    await goOn('closed', url, content)
    expect(md5(await bytesOf('closed'))).toBe(md5(content))
  })

  test('go on after the server was killed in the middle, from the last bytes known to be safe', async () => {
    const content = bytes(4_000_000)
    await stack.server.close()
    const doomed = await startKillable(stack)
    const { url } = await begin(stack, { as: ana, ...place('killed'), length: content.length, server: doomed.url })
    const socket = openPatch(stack, url, ana, content.length)
    socket.write(content.subarray(0, 2_300_000))
    await expect.poll(async () => received('killed'), soon).toBeGreaterThanOrEqual(2_000_000)
    await doomed.kill()
    await stack.restart()
    const here = url.replace(doomed.url, stack.server.url)
    expect(Number((await stateOf(stack, here, ana)).offset)).toBeGreaterThanOrEqual(2_000_000)
    expect((await ana.client.storage.from(bucket).exists(`${ana.id}/killed`)).data).toBe(false)
    await goOn('killed', here, content)
    expect(md5(await bytesOf('killed'))).toBe(md5(content))
  })

  test('a start forgets those whose bytes are gone, and removes bytes that nobody waits for', async () => {
    const { url } = await begin(stack, { as: ana, ...place('swept'), length: 4 })
    await patch(stack, url, { as: ana, offset: 0, body: '01' })
    await stack.restart()
    expect((await stateOf(stack, url, ana)).offset).toBe('2')
    await stack.restart(() => stack.sql.query('delete from storage.resumable_uploads'))
    expect(partial()).toEqual([])
    expect((await stateOf(stack, url, ana)).status).toBe(404)
  })

  test('go on after a crash between the last byte and the object’s row', async () => {
    const { url } = await begin(stack, { as: ana, ...place('crashed'), length: 4 })
    await patch(stack, url, { as: ana, offset: 0, body: '01' })
    await stack.restart(() => {
      const id = partial()[0]?.replace('partial/', '') ?? ''
      const objects = join(stack.dataDir, 'storage', 'objects', id.slice(0, 2))
      mkdirSync(objects, { recursive: true })
      renameSync(join(stack.dataDir, 'storage', 'partial', id), join(objects, id))
    })
    expect(await stateOf(stack, url, ana)).toEqual({ status: 200, offset: '2' })
    await patch(stack, url, { as: ana, offset: 2, body: '23' })
    expect((await bytesOf('crashed')).toString()).toBe('0123')
  })

  test('go on when the database fails at the very end', async () => {
    const { url } = await begin(stack, { as: ana, ...place('failed'), length: 4 })
    await patch(stack, url, { as: ana, offset: 0, body: '01' })
    const repair = await breakRows(stack)
    expect(await faultOf(await patch(stack, url, { as: ana, offset: 2, body: '23' }))).toMatchObject({ status: 500 })
    await repair()
    expect(await stateOf(stack, url, ana)).toEqual({ status: 200, offset: '2' })
    expect(filesOf(stack).filter((file) => file.startsWith('partial/'))).toHaveLength(1)
    await patch(stack, url, { as: ana, offset: 2, body: '23' })
    expect((await bytesOf('failed')).toString()).toBe('0123')
    expect(partial()).toEqual([])
  })
})
