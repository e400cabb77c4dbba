import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLegacyKey } from '../../../../src/embedded/supabase/index.ts'
import { sorted } from '../support/answers.ts'
import { bearer, type Person, Stack } from '../support/stack.ts'
import { allow, call, faultIn, faultOf, filesOf, openOwnFolders, someBucket, textOf } from './support/storage.ts'

const denied = { status: 400, statusCode: '403', code: 'AccessDenied' }
const unseen = { status: 400, statusCode: '404', code: 'NoSuchKey' }

const soon = { timeout: 10_000, interval: 10 }

describe('row level security decides about rows and bytes', () => {
  let stack: Stack
  let bucket: string
  let ana: Person
  let bob: Person

  beforeAll(async () => {
    stack = await Stack.start()
    bucket = await someBucket(stack)
    ;[ana, bob] = [await stack.person(), await stack.person()]
    await openOwnFolders(stack, bucket)
    for (const person of [ana, bob]) {
      const { error } = await person.client.storage.from(bucket).upload(`${person.id}/file`, person.email)
      expect(error).toBeNull()
    }
  })

  afterAll(() => stack.stop())

  const inBucket = (person: Person) => person.client.storage.from(bucket)
  const fileOf = (person: Person) => `${person.id}/file`

  test('everybody reads and changes their own', async () => {
    const files = inBucket(ana)
    expect(await textOf(ana.client, bucket, fileOf(ana))).toBe(ana.email)
    expect((await files.list(ana.id)).data).toHaveLength(1)
    expect((await files.list()).data?.map((folder) => folder.name)).toEqual([ana.id])
    expect((await files.listV2()).data?.objects.map((object) => object.name)).toEqual([fileOf(ana)])
    expect((await files.info(fileOf(ana))).data?.size).toBe(ana.email.length)
    expect((await files.copy(fileOf(ana), `${ana.id}/copy`)).error).toBeNull()
    expect((await files.move(`${ana.id}/copy`, `${ana.id}/moved`)).error).toBeNull()
    expect((await files.update(`${ana.id}/moved`, 'changed')).error).toBeNull()
    expect((await files.upload(`${ana.id}/moved`, 'again', { upsert: true })).error).toBeNull()
    expect((await files.remove([`${ana.id}/moved`])).data).toHaveLength(1)
  })

  test('nobody sees anything of somebody else', async () => {
    const foreign = fileOf(bob)
    for (const client of [ana.client, stack.client()]) {
      const files = client.storage.from(bucket)
      expect(faultIn(await files.download(foreign))).toMatchObject(unseen)
      expect(faultIn(await files.info(foreign))).toMatchObject(unseen)
      expect((await files.exists(foreign)).data).toBe(false)
      expect(faultIn(await files.createSignedUrl(foreign, 60))).toMatchObject(unseen)
      expect((await files.list(bob.id)).data).toEqual([])
      expect((await files.listV2({ prefix: bob.id })).data).toMatchObject({ objects: [], folders: [] })
      expect(faultIn(await files.copy(foreign, `${ana.id}/stolen`))).toMatchObject(unseen)
    }
    const head = { method: 'HEAD', as: ana }
    expect((await call(stack, `/object/${bucket}/${foreign}`, head)).status).toBe(400)
    expect((await call(stack, `/object/authenticated/${bucket}/${foreign}`, head)).status).toBe(400)
  })

  test('nobody changes anything of somebody else', async () => {
    const foreign = fileOf(bob)
    const before = filesOf(stack)
    for (const client of [ana.client, stack.client()]) {
      const files = client.storage.from(bucket)
      expect(faultIn(await files.upload(foreign, 'x', { upsert: true }))).toMatchObject(denied)
      expect(faultIn(await files.upload(`${bob.id}/new`, new Blob(['x'])))).toMatchObject(denied)
      expect(faultIn(await files.update(foreign, 'x'))).toMatchObject(unseen)
      expect(faultIn(await files.move(foreign, `${ana.id}/stolen`))).toMatchObject(unseen)
      expect((await files.remove([foreign])).data).toEqual([])
    }
    const own = inBucket(ana)
    expect(faultIn(await own.move(fileOf(ana), `${bob.id}/pushed`))).toMatchObject(denied)
    expect(faultIn(await own.copy(fileOf(ana), `${bob.id}/pushed`))).toMatchObject(denied)
    const one = await call(stack, `/object/${bucket}/${foreign}`, { method: 'DELETE', as: ana })
    expect(await faultOf(one)).toMatchObject(unseen)
    expect(await textOf(bob.client, bucket, foreign)).toBe(bob.email)
    expect(filesOf(stack)).toEqual(before)
  })

  test('the refusal has Supabase’s words', async () => {
    const init = { method: 'POST', body: 'x', as: ana }
    expect(await faultOf(await call(stack, `/object/${bucket}/x`, init))).toEqual({
      ...denied,
      error: 'Unauthorized',
      message: 'new row violates row-level security policy',
    })
  })

  test('the secret key sees and changes all', async () => {
    const files = stack.admin().storage.from(bucket)
    expect(sorted((await files.list()).data?.map((folder) => folder.name) ?? [])).toEqual(sorted([ana.id, bob.id]))
    expect(await textOf(stack.admin(), bucket, fileOf(bob))).toBe(bob.email)
    expect((await files.copy(fileOf(bob), 'kept/copy')).error).toBeNull()
    expect((await files.remove(['kept/copy'])).data).toHaveLength(1)
  })

  test('legacy keys count like the new ones', async () => {
    const keyFor = (role: 'anon' | 'service_role') => createLegacyKey(stack.keys.legacyJwtSecret ?? '', role)
    const get = (key: string) => {
      const headers = { apikey: key, ...bearer(key) }
      return call(stack, `/object/${bucket}/${fileOf(ana)}`, { as: 'nobody', headers })
    }
    expect(await (await get(keyFor('service_role'))).text()).toBe(ana.email)
    expect(await faultOf(await get(keyFor('anon')))).toMatchObject(unseen)
  })

  test('a public bucket lets everybody read its objects, and only that', async () => {
    const open = await someBucket(stack, { public: true })
    await stack.admin().storage.from(open).upload('x', 'for all')
    for (const client of [ana.client, stack.client()]) {
      expect(await textOf(client, open, 'x')).toBe('for all')
      expect((await client.storage.from(open).list()).data).toEqual([])
      expect(faultIn(await client.storage.from(open).info('x'))).toMatchObject(unseen)
      expect(faultIn(await client.storage.from(open).upload('y', 'y'))).toMatchObject(denied)
      expect((await client.storage.from(open).remove(['x'])).data).toEqual([])
    }
  })

  test('uploading needs no right to read, replacing does', async () => {
    const box = await someBucket(stack)
    await allow(stack, 'insert', 'anon', `bucket_id = '${box}'`)
    const files = stack.client().storage.from(box)
    expect((await files.upload('letter', 'x')).data?.id).toEqual(expect.any(String))
    expect(faultIn(await files.upload('letter', 'y'))).toMatchObject({ statusCode: '409' })
    expect(faultIn(await files.upload('letter', 'y', { upsert: true }))).toMatchObject(denied)
    expect(faultIn(await files.download('letter'))).toMatchObject(unseen)
    await allow(stack, 'select', 'anon', `bucket_id = '${box}'`)
    expect(faultIn(await files.upload('letter', 'y', { upsert: true }))).toMatchObject(denied)
    await allow(stack, 'update', 'anon', `bucket_id = '${box}'`)
    expect((await files.upload('letter', 'y', { upsert: true })).error).toBeNull()
    expect(await textOf(stack.client(), box, 'letter')).toBe('y')
    expect((await files.remove(['letter'])).data).toEqual([])
    await allow(stack, 'delete', 'anon', `bucket_id = '${box}'`)
    expect((await files.remove(['letter'])).data).toHaveLength(1)
  })

  test('a policy may look at the claims, at the file’s name and at what is announced of the bytes', async () => {
    const box = await someBucket(stack)
    await allow(
      stack,
      'insert',
      'authenticated',
      `bucket_id = '${box}' and storage.extension(name) = 'csv' and storage.filename(name) like 'report%'
       and (auth.jwt() ->> 'email') = '${ana.email}' and (metadata ->> 'mimetype') = 'text/csv'`,
    )
    const upload = (person: Person, name: string, contentType = 'text/csv') =>
      person.client.storage.from(box).upload(name, 'x', { contentType })
    expect((await upload(ana, 'a/report 1.csv')).error).toBeNull()
    for (const answer of [
      await upload(bob, 'a/report 2.csv'),
      await upload(ana, 'a/report 2.txt'),
      await upload(ana, 'report/2.csv'),
      await upload(ana, 'a/report 2.csv', 'text/html'),
    ]) {
      expect(faultIn(answer)).toMatchObject(denied)
    }
  })

  test('a policy may ask what is being done, in Supabase’s words', async () => {
    const box = await someBucket(stack)
    await stack.sql.query('create table if not exists public.asked (what text, bucket text)')
    await stack.sql.query('grant insert on public.asked to authenticated')
    await stack.sql.query(`create or replace function public.note_operation(bucket text) returns boolean language plpgsql as
      $$ begin insert into public.asked values (current_setting('storage.operation', true), bucket); return true; end $$`)
    for (const command of ['select', 'insert', 'update', 'delete'])
      await allow(stack, command, 'authenticated', `bucket_id = '${box}' and public.note_operation(bucket_id)`)
    const files = ana.client.storage.from(box)
    const asked = async (work: () => PromiseLike<unknown>) => {
      await stack.sql.query('delete from public.asked where bucket = $1', [box])
      await work()
      return (await stack.sql.query('select distinct what from public.asked where bucket = $1', [box])).rows.map(
        ({ what }) => what,
      )
    }
    expect(await asked(() => files.upload('a', 'x'))).toEqual(['storage.object.upload'])
    expect(await asked(() => files.update('a', 'y'))).toEqual(['storage.object.upload_update'])
    expect(await asked(() => files.download('a'))).toEqual(['storage.object.get_authenticated'])
    expect(await asked(() => files.info('a'))).toEqual(['object.get_authenticated_info'])
    const head = { method: 'HEAD', as: ana }
    expect(await asked(() => call(stack, `/object/${box}/a`, head))).toEqual(['object.head_authenticated_info'])
    expect(await asked(() => files.createSignedUrl('a', 60))).toEqual(['storage.object.sign'])
    expect(await asked(() => files.createSignedUrls(['a'], 60))).toEqual(['storage.object.sign_many'])
    expect(await asked(() => files.list())).toEqual(['storage.object.list'])
    expect(await asked(() => files.listV2())).toEqual(['storage.object.list_v2'])
    expect(await asked(() => files.copy('a', 'b'))).toEqual(['storage.object.copy'])
    expect(await asked(() => files.move('b', 'c'))).toEqual(['storage.object.move'])
    expect(await asked(() => files.remove(['a']))).toEqual(['storage.object.delete_many'])
    const one = { method: 'DELETE', as: ana }
    expect(await asked(() => call(stack, `/object/${box}/c`, one))).toEqual(['storage.object.delete'])
  })

  test('a policy that is withdrawn while the bytes come still decides', async () => {
    const box = await someBucket(stack)
    await stack.sql.query(`create policy "brief" on storage.objects for insert to authenticated
      with check (bucket_id = '${box}')`)
    const started = Promise.withResolvers<void>()
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        controller.enqueue(Buffer.from('x'))
        await started.promise
        controller.close()
      },
    })
    const before = filesOf(stack).length
    const uploading = ana.client.storage.from(box).upload('late', body)
    await expect.poll(() => filesOf(stack).length, soon).toBeGreaterThan(before)
    await stack.sql.query('drop policy "brief" on storage.objects')
    started.resolve()
    expect(faultIn(await uploading)).toMatchObject(denied)
    expect(filesOf(stack)).toHaveLength(before)
  })

  test('helpers take names apart as Supabase’s do', async () => {
    const parts = `select storage.foldername($1) as folders, storage.filename($1) as file, storage.extension($1) as type`
    const of = async (name: string) => (await stack.sql.query(parts, [name])).rows[0]
    expect(await of('a/b/c.tar.gz')).toEqual({ folders: ['a', 'b'], file: 'c.tar.gz', type: 'gz' })
    expect(await of('c')).toEqual({ folders: [], file: 'c', type: 'c' })
  })
})
