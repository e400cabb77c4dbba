import { describe, expect, vi } from 'vitest'
import { contents, zip } from '../services/file-contents.ts'
import { keepFile } from '../support/files.ts'
import { desk, holdings, nothing, putBytes } from '../support/uploads.ts'
import { test } from '../support/world.ts'
import { begun, content, sha256, type table } from './begun-uploads.ts'

describe('bytes that are not as announced are refused with both values, and removed', () => {
  const cases: [
    string,
    Partial<typeof table & { checksum: string }>,
    string | Uint8Array<ArrayBuffer>,
    string,
    RegExp,
    string?,
  ][] = [
    ['more bytes', {}, `${content}3,4\n`, 'BAD_REQUEST', /with 8 bytes, but 12 bytes came/],
    ['fewer bytes', {}, 'a,b\n', 'BAD_REQUEST', /with 8 bytes, but 4 bytes came/],
    [
      'other bytes',
      { checksum: '0'.repeat(64) },
      content,
      'BAD_REQUEST',
      new RegExp(`${'0'.repeat(64)}.*${sha256(content)}`),
    ],
    [
      'another type',
      { fileSize: 9 },
      '%PDF-1.7\n',
      'UNSUPPORTED_MEDIA_TYPE',
      /is text\/csv, but its content is application\/pdf/,
    ],
    [
      'a type that is never taken',
      { filename: 'x', mimeType: '', fileSize: 13 },
      '<html></html>',
      'UNSUPPORTED_MEDIA_TYPE',
      /text\/html are not allowed/,
    ],
    [
      'a header that says something else',
      {},
      content,
      'UNSUPPORTED_MEDIA_TYPE',
      /is image\/svg\+xml, but its content is text\/plain/,
      'image/svg+xml',
    ],
  ]
  test.for(cases)('%s', async ([, announced, sent, code, message, header], { world }) => {
    const { company, uploadUrl, confirm } = await begun(world, announced)
    await putBytes(uploadUrl, sent, header)
    const error = await confirm().catch((thrown: unknown) => Object(thrown))
    const told = [
      error.message,
      ...(error.data?.issues ?? []).map((issue: { message: string }) => issue.message),
    ].join()
    expect([error.data?.code, told]).toEqual([code, expect.stringMatching(message)])
    expect(await holdings(world.stack, company.id)).toEqual(nothing)
    await expect(confirm()).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } })
  })

  test('under an encoding, by which others would get other bytes than were checked', async ({ world }) => {
    const { company, uploadUrl, confirm } = await begun(world)
    await fetch(uploadUrl, {
      method: 'PUT',
      body: content,
      headers: { 'content-type': 'text/csv', 'content-encoding': 'gzip' },
    })
    const error = await confirm().catch((thrown: unknown) => Object(thrown))
    expect([error.data?.code, error.message]).toEqual([
      'UNSUPPORTED_MEDIA_TYPE',
      'The bytes came with “content-encoding: gzip”, so others would not get what was checked; begin again and send them without it.',
    ])
    expect(await holdings(world.stack, company.id)).toEqual(nothing)
  })

  test('but not for saying that they are under none', async ({ world }) => {
    const { uploadUrl, confirm } = await begun(world)
    await fetch(uploadUrl, {
      method: 'PUT',
      body: content,
      headers: { 'content-type': 'text/csv', 'content-encoding': 'Identity' },
    })
    expect(await confirm()).toMatchObject({ status: 'ready' })
  })

  test('and are refused for what is wrong with them also while they cannot be given up', async ({ world }) => {
    const { company, uploadUrl, confirm } = await begun(world)
    await putBytes(uploadUrl, `${content}more`)
    const { owner } = world.stack
    await owner.query('revoke execute on function app.abandon_upload(uuid) from studios_worker')
    try {
      await expect(confirm()).rejects.toThrow('The input has faults')
    } finally {
      await owner.query('grant execute on function app.abandon_upload(uuid) to studios_worker')
    }
    await expect.poll(() => holdings(world.stack, company.id), { timeout: 20_000, interval: 200 }).toEqual(nothing)
  })

  test('a small archive of a huge content is taken as the bytes that it is', async ({ world }) => {
    const bomb = new Uint8Array(zip({ 'zeros.bin': Buffer.alloc(64 * 1024 * 1024) }))
    const { uploadUrl, confirm } = await begun(world, {
      filename: 'bomb.zip',
      fileSize: bomb.length,
      mimeType: 'application/zip',
    })
    expect(bomb.length).toBeLessThan(70_000)
    await putBytes(uploadUrl, bomb, 'application/zip')
    expect(await confirm()).toMatchObject({ mimeType: 'application/zip', fileSize: bomb.length })
  })

  test('a document is not opened to see whether it is one', async ({ world }) => {
    const bytes = new Uint8Array(zip({ '[Content_Types].xml': Buffer.alloc(32 * 1024 * 1024, 'x') }))
    const { uploadUrl, confirm } = await begun(world, { filename: 'x.docx', fileSize: bytes.length, mimeType: '' })
    await putBytes(uploadUrl, bytes, 'application/octet-stream')
    expect(await confirm()).toMatchObject({ mimeType: expect.stringContaining('wordprocessingml') })
  })
})

test('a version that is given up leaves its file as it was', async ({ world }) => {
  const { company, studioId } = await desk(world)
  const { api } = company.member
  const { id: fileId } = await keepFile(world.stack, company.admin, { studioId })
  const before = await api.files.byId.query({ fileId })
  const png = new Uint8Array(contents['png'] ?? [])
  const upload = await api.files.beginVersion.mutate({ fileId, fileSize: png.length, mimeType: 'text/csv' })
  await putBytes(upload.uploadUrl, png, 'text/csv')
  await expect(api.files.confirmUpload.mutate(upload)).rejects.toMatchObject({
    data: { code: 'UNSUPPORTED_MEDIA_TYPE' },
  })
  expect(await api.files.byId.query({ fileId })).toEqual(before)
  await vi.waitFor(async () =>
    expect(await holdings(world.stack, company.id)).toMatchObject({ versions: 1, objects: 1 }),
  )
})
