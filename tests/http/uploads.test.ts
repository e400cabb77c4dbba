import { createHash } from 'node:crypto'
import { describe, expect, vi } from 'vitest'
import { keepFile } from '../support/files.ts'
import { desk, holdings, limitStorage, nothing, uploadForm } from '../support/uploads.ts'
import { test } from '../support/world.ts'
import { beginRaw, fileStart, formEnd } from './raw-upload.ts'

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex')

describe('a file sent as a form', () => {
  test('is there, with what was said of it and what was found of it', async ({ world }) => {
    const { company, studioId, path } = await desk(world)
    const content = 'name,value\nA,1\n'
    const { status, body } = await uploadForm(world.stack, company.member, { path, content })
    const found = { fileSize: content.length, mimeType: 'text/csv', checksum: sha256(content) }
    const file = { studioId, filename: 'table.csv', status: 'ready', version: 1, accessLevel: 'studio', tags: [] }
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({ ...file, ...found, uploadedVersion: 1, storage: null }),
    ])
    expect(await holdings(world.stack, company.id)).toEqual({
      ...{ files: 1, versions: 1, uploading: 0, objects: 1 },
      usedBytes: content.length,
    })
    const { storage: _, uploadedVersion: __, ...told } = body
    expect(await company.viewer.api.files.byId.query({ fileId: String(body['id']) })).toEqual({ ...told, metadata: {} })
  })

  test('takes what its fields say before what its part says', async ({ world }) => {
    const { company, path } = await desk(world)
    const content = '# Title\n'
    const { body } = await uploadForm(world.stack, company.member, {
      ...{ path, content, filename: 'blob', type: 'text/plain' },
      fields: [
        ['filename', 'Notes “final”.md'],
        ['type', 'text/markdown'],
        ['accessLevel', 'private'],
        ['tags', 'crm, q3 ,'],
        ['tags', 'draft'],
        ['tags', 'crm'],
        ['size', String(content.length)],
        ['checksum', sha256(content).toUpperCase()],
      ],
    })
    expect(body).toMatchObject({ filename: 'Notes “final”.md', mimeType: 'text/markdown', accessLevel: 'private' })
    expect(body).toMatchObject({ tags: ['crm', 'q3', 'draft'], checksum: sha256(content) })
    const ofOthers = company.admin.api.files.byId.query({ fileId: String(body['id']) })
    await expect(ofOthers).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } })
  })

  test('that is stored but may not be read any more is said to be stored', async ({ world }) => {
    const { company, studioId } = await desk(world)
    const { id } = await keepFile(world.stack, company.admin, { studioId })
    const body = `${fileStart}c,d\n3,4\n${formEnd}`
    const length = { 'content-length': String(body.length) }
    const { send, answer } = await beginRaw(world.stack, company.member, `/files/${id}/versions`, length)
    send(body.slice(0, -formEnd.length))
    await vi.waitFor(async () => expect(await holdings(world.stack, company.id)).toMatchObject({ uploading: 1 }))
    await company.admin.api.files.update.mutate({ fileId: id, accessLevel: 'private' })
    send(formEnd)
    const message =
      'The file is stored, but could not be shown; find it in the list of files, and do not send it again.'
    expect(await answer).toMatchObject({ status: 404, body: { message } })
    expect(await holdings(world.stack, company.id)).toMatchObject({ versions: 2, uploading: 0, objects: 2 })
  })

  test('becomes the next version of a file, which keeps its name', async ({ world }) => {
    const { company, studioId } = await desk(world)
    const { id } = await keepFile(world.stack, company.admin, { studioId })
    const { status, body } = await uploadForm(world.stack, company.member, {
      ...{ path: `/files/${id}/versions`, content: 'c,d\n3,4\n5,6\n', filename: 'another.csv' },
    })
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({ id, filename: 'notes.csv', version: 2, fileSize: 12, status: 'ready' }),
    ])
    expect(await holdings(world.stack, company.id)).toMatchObject({ files: 1, versions: 2, usedBytes: 20 })
  })

  test('of another company, or by a viewer, or by nobody, changes nothing', async ({ world }) => {
    const [{ company, studioId, path }, other] = await Promise.all([desk(world), world.company()])
    const { id } = await keepFile(world.stack, company.admin, { studioId })
    const before = await holdings(world.stack, company.id)
    for (const address of [path, `/files/${id}/versions`]) {
      const statusFor = async (person?: typeof other.admin) =>
        (await uploadForm(world.stack, person, { path: address })).status
      expect([await statusFor(other.admin), await statusFor(company.viewer), await statusFor()]).toEqual([
        404, 403, 401,
      ])
    }
    expect(await holdings(world.stack, company.id)).toEqual(before)
  })

  test('says how full the storage is once it is nearly full, and is refused when it has no room', async ({ world }) => {
    const { company, path } = await desk(world)
    await limitStorage(world.stack, company.id, 20)
    const fields: [string, string][] = [['size', '8']]
    const first = await uploadForm(world.stack, company.member, { path, fields })
    const second = await uploadForm(world.stack, company.member, { path, fields })
    const third = await uploadForm(world.stack, company.member, { path, fields })
    expect([first.body['storage'], second.body['storage']]).toMatchObject([
      null,
      { usedBytes: 16, maxBytes: 20, level: 'nearly_full', message: expect.stringContaining('80 %') },
    ])
    expect([third.status, third.body]).toMatchObject([
      402,
      { code: 'QUOTA_EXCEEDED', message: expect.stringContaining('no room for this file of 8 bytes: 16 bytes of 20') },
    ])
    expect(await holdings(world.stack, company.id)).toMatchObject({ files: 2, usedBytes: 16 })
  })

  test('may have any size up to the largest, and not a byte more', async ({ world }) => {
    const { company, path } = await desk(world)
    const largest = Buffer.alloc(100 * 1024 * 1024, 'x,y\n')
    const { body } = await uploadForm(world.stack, company.member, { path, content: largest })
    expect(body).toMatchObject({ fileSize: largest.length, checksum: sha256(largest) })
    const more = await uploadForm(world.stack, company.member, {
      path,
      content: Buffer.concat([largest, Buffer.from('x')]),
    })
    expect([more.status, more.body['code']]).toEqual([413, 'PAYLOAD_TOO_LARGE'])
    expect(await holdings(world.stack, company.id)).toMatchObject({ files: 1, usedBytes: largest.length })
  }, 90_000)

  test('goes nowhere where none is added: archived studios, the trash, studios that one may not enter', async ({
    world,
  }) => {
    const { company, path, studioId } = await desk(world)
    const { admin, member } = company
    const hidden = await world.studio(admin, company.id, { access: 'restricted' })
    const inHidden = await keepFile(world.stack, admin, { studioId: hidden.id, accessLevel: 'company' })
    const trashed = await keepFile(world.stack, admin, { studioId })
    await world.stack.owner.query('update files set deleted_at = now() where id = $1', [trashed.id])
    const sent = async (address: string) => (await uploadForm(world.stack, member, { path: address })).body
    expect(await sent(`/studios/${hidden.id}/files`)).toMatchObject({ code: 'NOT_FOUND' })
    expect(await sent(`/files/${inHidden.id}/versions`)).toMatchObject({
      ...{ code: 'FORBIDDEN', message: expect.stringContaining('may enter the file') },
    })
    expect(await sent(`/files/${trashed.id}/versions`)).toMatchObject({
      ...{ code: 'PRECONDITION_FAILED', message: expect.stringContaining('in the trash') },
    })
    const kept = await keepFile(world.stack, admin, { studioId })
    await admin.api.studios.archive.mutate({ studioId })
    for (const address of [path, `/files/${kept.id}/versions`])
      expect(await sent(address)).toMatchObject({
        ...{ code: 'PRECONDITION_FAILED', message: expect.stringContaining('studio is archived') },
      })
  })
})

describe('a form that is not right is refused, and nothing of it stays', () => {
  test.for([
    ['a wrong size', [['size', '9']], { code: 'BAD_REQUEST', paths: ['size'], text: /with 9 bytes, but 8 bytes came/ }],
    [
      'a size too small',
      [['size', '7']],
      { code: 'BAD_REQUEST', paths: ['size'], text: /with 7 bytes, but more came/ },
    ],
    ['a size of nothing', [['size', '0']], { code: 'BAD_REQUEST', paths: ['size'] }],
    ['a size above the largest', [['size', '104857601']], { code: 'BAD_REQUEST', paths: ['size'] }],
    ['no number', [['size', 'many']], { code: 'BAD_REQUEST', paths: ['size'] }],
    [
      'a wrong checksum',
      [['checksum', '0'.repeat(64)]],
      { code: 'BAD_REQUEST', paths: ['checksum'], text: /0{64}.*[0-9a-f]{64}/ },
    ],
    ['no checksum', [['checksum', 'abc']], { code: 'BAD_REQUEST', paths: ['checksum'] }],
    ['an access level that there is not', [['accessLevel', 'public']], { code: 'BAD_REQUEST', paths: ['accessLevel'] }],
    ['a folder that is none', [['folderId', 'top']], { code: 'BAD_REQUEST', paths: ['folderId'] }],
    ['a folder of elsewhere', [['folderId', crypto.randomUUID()]], { code: 'NOT_FOUND', paths: [] }],
    ['a field that there is not', [['owner', 'me']], { code: 'BAD_REQUEST', paths: [''] }],
    [
      'a field twice',
      [
        ['size', '8'],
        ['size', '8'],
      ],
      { code: 'BAD_REQUEST', paths: ['size'] },
    ],
    ['a field beyond measure', [['tags', 'x'.repeat(5000)]], { code: 'BAD_REQUEST', paths: ['tags'] }],
    [
      'too many fields',
      Array.from({ length: 60 }, (_, place) => ['tags', `t${place}`]),
      { code: 'BAD_REQUEST', paths: [] },
    ],
    [
      'too many tags',
      [['tags', Array.from({ length: 21 }, (_, place) => `t${place}`).join()]],
      { code: 'BAD_REQUEST', paths: ['tags'] },
    ],
    [
      'another type',
      [['type', 'application/pdf']],
      { code: 'UNSUPPORTED_MEDIA_TYPE', paths: [], text: /is application\/pdf, but its content is text\/plain/ },
    ],
    [
      'a type that is never taken',
      [['type', 'text/html']],
      { code: 'UNSUPPORTED_MEDIA_TYPE', paths: [], text: /text\/html are not allowed.*every table/ },
    ],
  ] as [string, [string, string][], { code: string; paths: string[]; text?: RegExp }][])(
    '%s',
    async ([, fields, { code, paths, text = /./ }], { world }) => {
      const { company, path } = await desk(world)
      const { body } = await uploadForm(world.stack, company.member, { path, fields })
      const issues = [body['issues']].flat().map((issue) => Object(issue))
      expect([body['code'], issues.map((issue) => issue.path)]).toEqual([code, paths])
      expect(`${body['message']} ${issues.map((issue) => issue.message)}`).toMatch(text)
      expect(await holdings(world.stack, company.id)).toEqual(nothing)
    },
  )

  test('an empty file, a content that is not what it says, text that turns into something else', async ({ world }) => {
    const { company, path } = await desk(world)
    const refused = async (content: string) => (await uploadForm(world.stack, company.member, { path, content })).body
    expect(await refused('')).toMatchObject({ code: 'BAD_REQUEST', issues: [{ path: 'file' }] })
    expect(await refused('%PDF-1.7\n')).toMatchObject({
      message: expect.stringContaining('says that it is text/csv, but its content is application/pdf'),
    })
    expect(await refused(`${'a,b\n'.repeat(50_000)}PK\u0003\u0004\0\0`)).toMatchObject({
      code: 'UNSUPPORTED_MEDIA_TYPE',
    })
    expect(await holdings(world.stack, company.id)).toEqual(nothing)
  })

  test('a type that the company’s own settings leave out', async ({ world }) => {
    const { company, path } = await desk(world)
    const settings = { filePolicy: { allowedTypes: ['application/pdf', 'text/html'] } }
    await world.stack.owner.query('update companies set settings = $2 where id = $1', [company.id, settings])
    const { status, body } = await uploadForm(world.stack, company.member, { path })
    expect([status, body['message']]).toEqual([
      415,
      'Files of the type text/csv are not allowed in this company; allowed are application/pdf.',
    ])
    const html = await uploadForm(world.stack, company.member, { path, content: '<html></html>', type: 'text/html' })
    expect(html.status).toBe(415)
    expect(await holdings(world.stack, company.id)).toEqual(nothing)
  })
})
