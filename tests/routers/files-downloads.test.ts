import { createClient } from '@supabase/supabase-js'
import { describe, expect } from 'vitest'
import { send } from '../http/calls.ts'
import { keepFile } from '../support/files.ts'
import { desk, uploadForm } from '../support/uploads.ts'
import { test, type World } from '../support/world.ts'

async function kept(world: World, fields: Partial<Parameters<typeof keepFile>[2]> = {}) {
  const place = await desk(world)
  const { id: fileId } = await keepFile(world.stack, place.company.member, { studioId: place.studioId, ...fields })
  return { ...place, fileId }
}

const accessOf = async ({ stack }: World, fileId: string) => {
  const { rows } = await stack.owner.query('select last_accessed, updated_at from files where id = $1', [fileId])
  return rows[0]
}

describe('a link to a file', () => {
  test('opens its content as an attachment under its name, for as long as was asked', async ({ world }) => {
    const { company, fileId } = await kept(world, { filename: 'Größe “1” 文件.csv' })
    const { url, expiresAt } = await company.viewer.api.files.downloadLink.mutate({ fileId, expiresInSeconds: 60 })
    const { exp } = JSON.parse(
      Buffer.from(new URL(url).searchParams.get('token')?.split('.')[1] ?? '', 'base64url').toString(),
    )
    expect(Math.abs(Date.parse(expiresAt) / 1000 - exp)).toBeLessThanOrEqual(2)
    const response = await fetch(url)
    const name = encodeURIComponent('Größe “1” 文件.csv')
    expect([response.status, await response.text()]).toEqual([200, 'a,b\n1,2\n'])
    expect(response.headers.get('content-disposition')).toMatch(/^attachment;/)
    expect(response.headers.get('content-disposition')).toContain(`filename*=UTF-8''${name}`)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('leads to the current version, or to the one that was asked for', async ({ world }) => {
    const { company, fileId } = await kept(world)
    const { api } = company.viewer
    await uploadForm(world.stack, company.member, { path: `/files/${fileId}/versions`, content: 'new\n' })
    const read = async (version?: number) =>
      (await fetch((await api.files.downloadLink.mutate({ fileId, version })).url)).text()
    expect([await read(), await read(2), await read(1)]).toEqual(['new\n', 'new\n', 'a,b\n1,2\n'])
    await expect(api.files.downloadLink.mutate({ fileId, version: 3 })).rejects.toMatchObject({
      ...{ message: expect.stringContaining('no version 3'), data: { code: 'NOT_FOUND' } },
    })
  })

  test('is made for who may read the file and for nobody else', async ({ world }) => {
    const [{ company, fileId }, other] = await Promise.all([kept(world, { accessLevel: 'private' }), world.company()])
    const link = (person: typeof company.admin) => person.api.files.downloadLink.mutate({ fileId })
    for (const person of [company.admin, company.viewer, other.admin])
      await expect(link(person)).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } })
    expect((await fetch((await link(company.member)).url)).status).toBe(200)
  })

  test('is not made for a file in the trash, nor for longer than an hour', async ({ world }) => {
    const { company, fileId } = await kept(world)
    const link = (fields: object = {}) => company.member.api.files.downloadLink.mutate({ fileId, ...fields })
    for (const fields of [{ expiresInSeconds: 3601 }, { expiresInSeconds: 0 }, { version: 0 }])
      await expect(link(fields)).rejects.toMatchObject({ data: { code: 'BAD_REQUEST' } })
    await world.stack.owner.query('update files set deleted_at = now() where id = $1', [fileId])
    await expect(link()).rejects.toMatchObject({ data: { code: 'PRECONDITION_FAILED' } })
  })

  test('leaves a trace, at most once a minute, which is no change of the file', async ({ world }) => {
    const { company, fileId } = await kept(world)
    const before = await accessOf(world, fileId)
    const link = () => company.viewer.api.files.downloadLink.mutate({ fileId })
    await link()
    const first = await accessOf(world, fileId)
    expect([before.last_accessed, first.updated_at]).toEqual([null, before.updated_at])
    await Promise.all([link(), link()])
    expect(await accessOf(world, fileId)).toEqual(first)
    const lately = first.last_accessed
    await world.stack.owner.query(`update files set last_accessed = now() - interval '61 seconds' where id = $1`, [
      fileId,
    ])
    await link()
    expect((await accessOf(world, fileId)).last_accessed.getTime()).toBeGreaterThanOrEqual(lately.getTime())
  })

  test('is what the storage’s own client gets with the same token, and nobody else’s', async ({ world }) => {
    const { company, fileId } = await kept(world, { accessLevel: 'private' })
    const { rows } = await world.stack.owner.query('select supabase_path from files where id = $1', [fileId])
    const storageOf = ({ accessToken }: typeof company.member) =>
      createClient(world.stack.supabase.url, world.stack.supabase.publishableKey, {
        accessToken: async () => accessToken,
      }).storage.from('studio-files')
    const own = await storageOf(company.member).download(rows[0].supabase_path)
    expect(await own.data?.text()).toBe('a,b\n1,2\n')
    expect((await storageOf(company.admin).download(rows[0].supabase_path)).data).toBeNull()
  })
})

describe('the address of a file’s content', () => {
  test('leads to such a link', async ({ world }) => {
    const { company, fileId } = await kept(world)
    await uploadForm(world.stack, company.member, { path: `/files/${fileId}/versions`, content: 'new\n' })
    const { accessToken: token } = company.viewer
    const at = (query = '') => `${world.stack.url}/api/v1/files/${fileId}/content${query}`
    const headers = { authorization: `Bearer ${token}` }
    const answer = await fetch(at(), { headers, redirect: 'manual' })
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([302, 'no-store'])
    expect(answer.headers.get('location')).toContain(`${world.stack.supabase.url}/storage/v1/object/sign/studio-files/`)
    expect(await (await fetch(at(), { headers })).text()).toBe('new\n')
    expect(await (await fetch(at('?version=1'), { headers })).text()).toBe('a,b\n1,2\n')
  })

  test('is closed to everybody else', async ({ world }) => {
    const [{ fileId, company }, other] = await Promise.all([kept(world), world.company()])
    const get = async (path: string, token?: string) =>
      (await send(world.stack, `/api/v1/files/${path}/content`, { token })).status
    expect(await get(fileId)).toBe(401)
    expect(await get(fileId, other.admin.accessToken)).toBe(404)
    expect(await get('no-id', company.admin.accessToken)).toBe(400)
    expect(await get(`${fileId}/content?version=x`.replace('/content', ''), company.admin.accessToken)).not.toBe(302)
  })
})
