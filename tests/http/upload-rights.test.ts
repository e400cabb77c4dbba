import { decodeJwt } from 'jose'
import { describe, expect, inject, vi } from 'vitest'
import { loadKeyRing } from '../../src/embedded/supabase/key-ring.ts'
import { type Desk, desk, holdings, nothing } from '../support/uploads.ts'
import { type Person, test, type World } from '../support/world.ts'
import { beginRaw, chunk, field, fileStart, formEnd } from './raw-upload.ts'

const chunked = { 'transfer-encoding': 'chunked' }
const lines = 'a,b\n'.repeat(64 * 1024)

/** A person whose access token runs out soon, and when it has. */
async function shortLived(person: Person) {
  const ring = await loadKeyRing(inject('template').supabaseKeys)
  const exp = Math.floor(Date.now() / 1000) + 4
  const runsOut = () => vi.waitFor(() => expect(Date.now()).toBeGreaterThan(exp * 1000 + 500), { timeout: 10_000 })
  return { person: { ...person, accessToken: await ring.sign({ ...decodeJwt(person.accessToken), exp }) }, runsOut }
}

interface Half {
  sent: string
  left: string
  folderId?: string
}

/** Sends one half of a file, and gives what sends the other and tells the answer. */
async function beginHalf({ stack }: World, person: Person, { company, path }: Desk, { sent, left, folderId }: Half) {
  const { send, answer } = await beginRaw(stack, person, path, chunked)
  if (folderId) send(chunk(field('folderId', folderId)))
  send(chunk(`${field('size', String(sent.length + left.length))}${fileStart}${sent}`))
  await vi.waitFor(async () => expect(await holdings(stack, company.id)).toMatchObject({ uploading: 1 }))
  return () => {
    send(chunk(`${left}${formEnd}`) + chunk(''))
    return answer
  }
}

const halves: [string, Half][] = [
  ['small', { sent: 'a,b\n', left: '1,2\n' }],
  ['large', { sent: lines, left: lines }],
]
const kept = { files: 0, versions: 0, uploading: 0, usedBytes: 0 }

describe.for(halves)('an upload under way of a %s file', ([, half]) => {
  test('ends well although the access token runs out', async ({ world }) => {
    const place = await desk(world)
    const { person, runsOut } = await shortLived(place.company.member)
    const end = await beginHalf(world, person, place, half)
    await runsOut()
    expect(await end()).toMatchObject({ status: 201, body: { status: 'ready', uploadedBy: person.userId } })
    expect(await holdings(world.stack, place.company.id)).toMatchObject({ files: 1, uploading: 0, objects: 1 })
  })

  test('gives its bytes back at once when it is refused after the token ran out', async ({ world }) => {
    const place = await desk(world)
    const { person, runsOut } = await shortLived(place.company.member)
    const end = await beginHalf(world, person, place, { sent: half.sent, left: `${half.left.slice(0, -1)}\0` })
    await runsOut()
    expect(await end()).toMatchObject({ status: 415 })
    expect(await holdings(world.stack, place.company.id)).toMatchObject(kept)
  })

  test('is refused once its sender has signed out, and keeps nothing', async ({ world }) => {
    const place = await desk(world)
    const { member } = place.company
    const end = await beginHalf(world, member, place, half)
    await world.stack.owner.query('delete from auth.sessions where user_id = $1', [member.userId])
    const message = 'Your session ended before the upload did; sign in and try again.'
    expect(await end()).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED', message } })
    expect(await holdings(world.stack, place.company.id)).toMatchObject(kept)
  })

  test('is refused once its sender may add no files there, and keeps nothing', async ({ world }) => {
    const place = await desk(world)
    const { member } = place.company
    const { person, runsOut } = await shortLived(member)
    const end = await beginHalf(world, person, place, half)
    await world.stack.owner.query(`update user_companies set role = 'viewer' where user_id = $1`, [member.userId])
    await runsOut()
    const message = 'You may not add files to this studio any more; ask an admin of the company.'
    expect(await end()).toMatchObject({ status: 403, body: { code: 'FORBIDDEN', message } })
    await vi.waitFor(async () => expect(await holdings(world.stack, place.company.id)).toEqual(nothing), 10_000)
  })

  test('says that its folder was moved to the trash', async ({ world }) => {
    const place = await desk(world)
    const { member, admin } = place.company
    const { id: folderId } = await member.api.folders.create.mutate({ studioId: place.studioId, name: 'Inbox' })
    const end = await beginHalf(world, member, place, { ...half, folderId })
    await admin.api.folders.trash.mutate({ folderId })
    const message = /folder .* moved to the trash .* restore the folder/
    expect(await end()).toMatchObject({ status: 412, body: { message: expect.stringMatching(message) } })
    expect(await holdings(world.stack, place.company.id)).toMatchObject(kept)
  })
})
