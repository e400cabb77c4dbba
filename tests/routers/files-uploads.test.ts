import { createClient } from '@supabase/supabase-js'
import { describe, expect } from 'vitest'
import { contents } from '../services/file-contents.ts'
import { keepFile } from '../support/files.ts'
import { desk, holdings, limitStorage, nothing, putBytes } from '../support/uploads.ts'
import { type Person, test } from '../support/world.ts'
import { begun, content, refusal, sha256, table } from './begun-uploads.ts'

describe('an upload straight to the storage', () => {
  test('is counted from the beginning, and a file once it is confirmed', async ({ world }) => {
    const { company, file, uploadUrl, confirm, api } = await begun(world, { checksum: sha256(content) })
    expect(file).toMatchObject({ status: 'uploading', mimeType: 'text/csv', fileSize: 8 })
    expect(await holdings(world.stack, company.id)).toMatchObject({ files: 1, uploading: 1, usedBytes: 8 })
    expect((await putBytes(uploadUrl, content)).status).toBe(200)
    const ready = await confirm()
    expect(ready).toMatchObject({ id: file.id, status: 'ready', checksum: sha256(content), storage: null })
    expect(await api.files.byId.query({ fileId: file.id })).toMatchObject({ status: 'ready', version: 1 })
    expect(await holdings(world.stack, company.id)).toMatchObject({ uploading: 0, objects: 1, usedBytes: 8 })
  })

  test('is done by the storage’s own client', async ({ world }) => {
    const { uploadUrl, confirm, file } = await begun(world)
    const { url, publishableKey } = world.stack.supabase
    const token = new URL(uploadUrl).searchParams.get('token') ?? ''
    const path = new URL(uploadUrl).pathname.split('/studio-files/')[1] ?? ''
    const storage = createClient(url, publishableKey, { auth: { persistSession: false } }).storage.from('studio-files')
    const { error } = await storage.uploadToSignedUrl(path, token, new Blob([content], { type: 'text/csv' }))
    expect(error).toBeNull()
    expect(await confirm()).toMatchObject({ id: file.id, status: 'ready' })
  })

  test('is taken for the table that it is where Windows declares it as Excel’s', async ({ world }) => {
    const excel = 'application/vnd.ms-excel'
    const { uploadUrl, confirm } = await begun(world, { mimeType: excel })
    await putBytes(uploadUrl, content, excel)
    expect(await confirm()).toMatchObject({ mimeType: 'text/csv', status: 'ready' })
  })

  test('may come with a header that says nothing of it, whatever its name says', async ({ world }) => {
    const png = new Uint8Array(contents['png'] ?? [])
    const { uploadUrl, confirm } = await begun(world, { fileSize: png.length, mimeType: 'image/png' })
    await putBytes(uploadUrl, png, 'application/octet-stream')
    expect(await confirm()).toMatchObject({ mimeType: 'image/png', status: 'ready' })
  })

  test('makes the next version of a file, which stays as it is until then', async ({ world }) => {
    const { company, studioId } = await desk(world)
    const { api } = company.member
    const { id: fileId } = await keepFile(world.stack, company.admin, { studioId })
    const upload = await api.files.beginVersion.mutate({ fileId, fileSize: 12, mimeType: '' })
    await putBytes(upload.uploadUrl, 'c,d\n3,4\n5,6\n')
    expect(await api.files.byId.query({ fileId })).toMatchObject({ version: 1, fileSize: 8 })
    expect(await api.files.confirmUpload.mutate(upload)).toMatchObject({ id: fileId, version: 2, fileSize: 12 })
  })

  test('is seen by nobody of another company, and by others of the same only as a file on its way', async ({
    world,
  }) => {
    const [{ company, uploadUrl, uploadId, confirm, file }, other] = await Promise.all([begun(world), world.company()])
    await putBytes(uploadUrl, content)
    const give = (person: Person) => person.api.files.abandonUpload.mutate({ uploadId })
    for (const person of [other.admin, company.admin])
      for (const call of [confirm, give])
        await expect(call(person)).rejects.toMatchObject(refusal('NOT_FOUND', /There is no upload/))
    for (const call of [confirm, give])
      await expect(call(company.viewer)).rejects.toMatchObject(refusal('FORBIDDEN', /needs the role member/))
    await expect(company.admin.api.files.downloadLink.mutate({ fileId: file.id })).rejects.toMatchObject(
      refusal('PRECONDITION_FAILED', /still being uploaded/),
    )
    expect(await holdings(world.stack, company.id)).toMatchObject({ uploading: 1 })
  })

  test('confirmed twice, or twice at once, is one file', async ({ world }) => {
    const { company, uploadUrl, confirm, file } = await begun(world)
    await putBytes(uploadUrl, content)
    const told = await Promise.all([confirm(), confirm(), confirm()])
    expect(new Set([...told, await confirm()].map(({ id, status }) => `${id} ${status}`))).toEqual(
      new Set([`${file.id} ready`]),
    )
    expect(await holdings(world.stack, company.id)).toMatchObject({ files: 1, versions: 1, usedBytes: 8 })
  })

  test('confirmed before its bytes have come can still be finished', async ({ world }) => {
    const { uploadUrl, confirm } = await begun(world)
    await expect(confirm()).rejects.toMatchObject(refusal('PRECONDITION_FAILED', /bytes of this upload have not come/))
    await putBytes(uploadUrl, content)
    expect(await confirm()).toMatchObject({ status: 'ready' })
  })

  test('confirmed while its file is in the trash can be confirmed after the file is restored', async ({ world }) => {
    const { company, studioId } = await desk(world)
    const { api } = company.member
    const { id: fileId } = await keepFile(world.stack, company.member, { studioId })
    const upload = await api.files.beginVersion.mutate({ fileId, fileSize: 8, mimeType: 'text/csv' })
    await putBytes(upload.uploadUrl, 'c,d\n3,4\n')
    await api.files.trash.mutate({ fileId })
    const refused = api.files.confirmUpload.mutate(upload)
    await expect(refused).rejects.toMatchObject(refusal('PRECONDITION_FAILED', /moved to the trash .* restore it/))
    await api.files.restore.mutate({ fileId })
    expect(await api.files.confirmUpload.mutate(upload)).toMatchObject({ id: fileId, version: 2 })
  })

  test('once it is there keeps its bytes, whoever has the address', async ({ world }) => {
    const { uploadUrl, confirm, file, api } = await begun(world)
    await putBytes(uploadUrl, content)
    for (const isConfirmed of [false, true]) {
      if (isConfirmed) await confirm()
      expect((await putBytes(uploadUrl, 'x,y\n8,9\n')).body).toMatchObject({ statusCode: '409' })
    }
    const { url } = await api.files.downloadLink.mutate({ fileId: file.id })
    expect(await (await fetch(url)).text()).toBe(content)
  })

  test('that is given up is gone, and its address leads to nothing that could be read', async ({ world }) => {
    const { company, uploadUrl, uploadId, confirm, api } = await begun(world)
    await putBytes(uploadUrl, content)
    expect(await api.files.abandonUpload.mutate({ uploadId })).toEqual({ uploadId })
    expect(await holdings(world.stack, company.id)).toEqual(nothing)
    await putBytes(uploadUrl, content)
    await expect(confirm()).rejects.toMatchObject(refusal('NOT_FOUND', /There is no upload/))
    const { rows } = await world.stack.owner.query(
      'select watched_until > now() as later from file_removals where company_id = $1',
      [company.id],
    )
    expect(rows).toEqual([{ later: true }])
  })

  test('that is finished is not given up', async ({ world }) => {
    const { uploadUrl, uploadId, confirm, api } = await begun(world)
    await putBytes(uploadUrl, content)
    await confirm()
    await expect(api.files.abandonUpload.mutate({ uploadId })).rejects.toMatchObject(
      refusal('PRECONDITION_FAILED', /upload is finished/),
    )
  })

  test('is refused at its beginning when there is no room, or the type is not allowed', async ({ world }) => {
    const { company, studioId } = await desk(world)
    await limitStorage(world.stack, company.id, 7)
    const begin = (fields: object) => company.member.api.files.beginUpload.mutate({ studioId, ...table, ...fields })
    await expect(begin({})).rejects.toMatchObject(refusal('QUOTA_EXCEEDED', /no room/))
    await expect(begin({ mimeType: 'image/svg+xml' })).rejects.toMatchObject(
      refusal('UNSUPPORTED_MEDIA_TYPE', /image\/svg\+xml are not allowed/),
    )
    for (const fields of [{ fileSize: 0 }, { fileSize: 104_857_601 }, { filename: '../x' }, { checksum: 'x' }])
      await expect(begin(fields)).rejects.toMatchObject({ data: { code: 'BAD_REQUEST' } })
    expect(await holdings(world.stack, company.id)).toEqual(nothing)
  })

  test('is given up when no address can be had for it', async ({ world }) => {
    const { company, studioId } = await desk(world)
    await world.stack.owner.query('alter policy studio_files_insert on storage.objects with check (false)')
    try {
      const begin = company.member.api.files.beginUpload.mutate({ studioId, ...table })
      await expect(begin).rejects.toMatchObject({ data: { code: 'FORBIDDEN' } })
    } finally {
      await world.stack.owner.query(
        `alter policy studio_files_insert on storage.objects with check (bucket_id = 'studio-files' and app.may_write_object(name))`,
      )
    }
    expect(await holdings(world.stack, company.id)).toEqual(nothing)
  })
})
