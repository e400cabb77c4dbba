import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, onTestFinished } from 'vitest'
import { keepFile } from '../support/files.ts'
import { desk, holdings, sentUpload, uploadForm } from '../support/uploads.ts'
import { test, type World } from '../support/world.ts'
import { beginRaw, fileStart, formEnd } from './raw-upload.ts'

const soon = { timeout: 20_000, interval: 50 }
const crowd = 64
const busy = { code: 'UNAVAILABLE', message: 'File transfers are busy; try again in a moment.' }
const large = 'a,b\n'.repeat(64 * 1024)

/** So many uploads of one member of which more is to come. */
async function slowUploads(world: World) {
  const { company, path } = await desk(world)
  const headers = { 'content-length': String(fileStart.length + 2 * large.length + formEnd.length) }
  const begun = await Promise.all(
    Array.from({ length: crowd }, () => beginRaw(world.stack, company.member, path, headers)),
  )
  onTestFinished(() => void begun.map(({ socket }) => socket.destroy()))
  for (const { send } of begun) send(`${fileStart}${large}`)
  await expect.poll(async () => (await holdings(world.stack, company.id))?.['uploading'], soon).toBeGreaterThan(16)
  return { company, begun, finish: () => begun.map(({ send }) => send(`${large}${formEnd}`)) }
}

/** So many visitors who open a link and take nothing; what each was answered. */
async function visitorsWhoWait(world: World, url: string) {
  const { port, hostname, pathname } = new URL(url)
  const sockets: Socket[] = []
  const answers = Array.from({ length: crowd }, async () => {
    const socket = connect(Number(port), hostname).on('error', () => undefined)
    sockets.push(socket)
    onTestFinished(() => void socket.destroy())
    await once(socket, 'connect')
    const headers = `host: ${hostname}\r\naccept: application/json\r\ncontent-length: 0`
    socket.write(`POST ${pathname}/download HTTP/1.1\r\n${headers}\r\nconnection: close\r\n\r\n`)
    await once(socket, 'readable')
    return String(socket.read(300)).split(' ')[1]
  })
  const uses = async () => (await world.stack.owner.query('select uses from file_shares order by created_at desc')).rows
  await expect.poll(async () => (await uses())[0].uses, soon).toBeGreaterThanOrEqual(16)
  return { answers, leave: () => sockets.map((socket) => socket.destroy()) }
}

test('whoever is done leaves room for the next, however it went', async ({ world }) => {
  const { company, studioId, path } = await desk(world)
  const { id: fileId } = await keepFile(world.stack, company.member, { studioId })
  const { url } = await company.member.api.sharing.create.mutate({ fileId, maxUses: 20 })
  const [sent, refused, opened]: number[][] = [[], [], []]
  for (let n = 0; n < 20; n += 1) {
    sent?.push((await uploadForm(world.stack, company.member, { path })).status)
    refused?.push((await uploadForm(world.stack, company.member, { path, fields: [['size', '9']] })).status)
    const download = await fetch(`${url}/download`, { method: 'POST', headers: { accept: 'application/json' } })
    opened?.push(download.status)
    await download.text()
  }
  expect(new Set(sent)).toEqual(new Set([201]))
  expect(new Set(refused)).toEqual(new Set([400]))
  expect(new Set(opened)).toEqual(new Set([200]))
})

describe('while many are slow', () => {
  test('with uploads of one company, others upload, and get links', async ({ world }) => {
    const { company, begun, finish } = await slowUploads(world)
    const other = await desk(world)
    const { id: fileId } = await keepFile(world.stack, other.company.member, { studioId: other.studioId })
    const { url } = await other.company.member.api.files.downloadLink.mutate({ fileId })
    expect((await fetch(url)).status).toBe(200)
    expect((await uploadForm(world.stack, other.company.member, { path: other.path })).status).toBe(201)
    await expect.poll(async () => (await holdings(world.stack, company.id))?.['uploading'], soon).toBe(16)
    finish()
    const answers = await Promise.all(begun.map(({ answer }) => answer))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(16)
    const refused = answers.filter(({ status }) => status === 503)
    expect(refused).toHaveLength(crowd - 16)
    expect(refused[0]?.body).toMatchObject(busy)
    expect(await holdings(world.stack, company.id)).toMatchObject({ files: 16, uploading: 0, objects: 16 })
  })

  test('with a shared file, members of others confirm and upload', async ({ world }) => {
    const { company, studioId } = await desk(world)
    const content = 'x'.repeat(24 * 1024 * 1024)
    const { id: fileId } = await keepFile(world.stack, company.member, { studioId, content })
    const { url } = await company.member.api.sharing.create.mutate({ fileId })
    const { answers } = await visitorsWhoWait(world, url)
    const other = await desk(world)
    const { uploadId } = await sentUpload(other.company.member, { studioId: other.studioId })
    const confirmed = await other.company.member.api.files.confirmUpload.mutate({ uploadId })
    expect(confirmed.status).toBe('ready')
    expect((await uploadForm(world.stack, other.company.member, { path: other.path })).status).toBe(201)
    const all = await Promise.all(answers)
    expect([all.filter((status) => status === '200').length, all.filter((status) => status === '503').length]).toEqual([
      16,
      crowd - 16,
    ])
  })

  test('those who go away, also while they wait, leave their places to others', async ({ world }) => {
    const { company, studioId } = await desk(world)
    const content = 'x'.repeat(24 * 1024 * 1024)
    const { id: fileId } = await keepFile(world.stack, company.member, { studioId, content })
    const { url } = await company.member.api.sharing.create.mutate({ fileId })
    const { leave } = await visitorsWhoWait(world, url)
    leave()
    const next = Array.from({ length: 16 }, async () => {
      const headers = { accept: 'application/json' }
      return (await (await fetch(`${url}/download`, { method: 'POST', headers })).arrayBuffer()).byteLength
    })
    expect(new Set(await Promise.all(next))).toEqual(new Set([content.length]))
  })
})
