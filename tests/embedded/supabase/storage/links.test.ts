import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Person, Stack } from '../support/stack.ts'
import { call, faultIn, faultOf, openOwnFolders, someBucket, textOf } from './support/storage.ts'

describe('links', () => {
  let stack: Stack
  let bucket: string
  let other: string
  let ana: Person

  beforeAll(async () => {
    stack = await Stack.start()
    ;[bucket, other] = [await someBucket(stack), await someBucket(stack)]
    ana = await stack.person()
    await openOwnFolders(stack, bucket)
    for (const name of [`${ana.id}/one.txt`, `${ana.id}/two.txt`, 'not of ana.txt']) {
      await stack.admin().storage.from(bucket).upload(name, name, { cacheControl: '60' })
    }
    await stack.admin().storage.from(other).upload(`${ana.id}/one.txt`, 'of the other bucket')
  })

  afterAll(() => stack.stop())

  const files = () => ana.client.storage.from(bucket)
  const one = () => `${ana.id}/one.txt`

  const linkTo = async (path: string, seconds = 60, options = {}) => {
    const { data, error } = await files().createSignedUrl(path, seconds, options)
    if (error) throw error
    return new URL(data.signedUrl)
  }

  test('open an object to whoever has them', async () => {
    const link = await linkTo(one())
    expect(link.pathname).toBe(`/storage/v1/object/sign/${bucket}/${one()}`)
    const response = await fetch(link)
    expect(await response.text()).toBe(one())
    expect(Date.parse(response.headers.get('expires') ?? '')).toBeGreaterThan(Date.now())
    expect(response.headers.get('content-disposition')).toBeNull()
    expect((await fetch(link, { method: 'HEAD' })).headers.get('content-length')).toBe(String(one().length))
    expect((await fetch(link, { headers: { range: 'bytes=0-1' } })).status).toBe(206)
  })

  test('save under a name when they are made so', async () => {
    const named = await fetch(await linkTo(one(), 60, { download: 'my file.txt' }))
    expect(named.headers.get('content-disposition')).toContain(`filename*=UTF-8''my%20file.txt`)
    const plain = await fetch(await linkTo(one(), 60, { download: true }))
    expect(plain.headers.get('content-disposition')).toBe('attachment;')
  })

  test('say of themselves what Supabase’s say', async () => {
    const [, payload = ''] = ((await linkTo(one())).searchParams.get('token') ?? '').split('.')
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toEqual({
      url: `${bucket}/${one()}`,
      scope: 'download',
      iat: expect.any(Number),
      exp: expect.any(Number),
    })
  })

  test('are made only by those who see the object', async () => {
    expect(faultIn(await files().createSignedUrl('not of ana.txt', 60))).toMatchObject({
      status: 400,
      statusCode: '404',
      code: 'NoSuchKey',
    })
    expect(faultIn(await stack.client().storage.from(bucket).createSignedUrl(one(), 60))).toMatchObject({
      statusCode: '404',
    })
    const nobody = { as: 'nobody' as const, method: 'POST', body: '{"expiresIn":60}' }
    const response = await call(stack, `/object/sign/${bucket}/${one()}`, nobody)
    expect(await faultOf(response)).toMatchObject({ statusCode: '403', error: 'Unauthorized' })
  })

  test('are made many at a time, each for what is seen', async () => {
    const { data } = await files().createSignedUrls([one(), 'not of ana.txt', `${ana.id}/two.txt`, 'never was'], 60)
    const missing = 'Either the object does not exist or you do not have access to it'
    expect(data?.map(({ error, path }) => [error, path])).toEqual([
      [null, one()],
      [missing, 'not of ana.txt'],
      [null, `${ana.id}/two.txt`],
      [missing, 'never was'],
    ])
    expect(data?.[1]?.signedUrl).toBeNull()
    expect(await (await fetch(data?.[2]?.signedUrl ?? '')).text()).toBe(`${ana.id}/two.txt`)
  })

  test('end', async () => {
    const link = await linkTo(one(), 30)
    expect((await fetch(link)).status).toBe(200)
    stack.advance(31)
    expect(await faultOf(await fetch(link))).toEqual({
      status: 400,
      statusCode: '400',
      code: 'InvalidJWT',
      error: 'InvalidJWT',
      message: '"exp" claim timestamp check failed',
    })
    stack.advance(-31)
  })

  test('open nothing else, and not when something in them is changed', async () => {
    const link = await linkTo(one())
    const token = link.searchParams.get('token') ?? ''
    const get = async (path: string, token: string) =>
      faultOf(await call(stack, `/object/sign/${path}?token=${token}`, { as: 'nobody' }))
    const mismatch = { status: 400, statusCode: '400', code: 'InvalidSignature', error: 'InvalidSignature' }
    expect(await get(`${bucket}/${ana.id}/two.txt`, token)).toMatchObject(mismatch)
    expect(await get(`${other}/${one()}`, token)).toMatchObject(mismatch)

    const [header, payload = '', signature] = token.split('.')
    const changed = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), url: `${other}/${one()}` }
    const encoded = Buffer.from(JSON.stringify(changed)).toString('base64url')
    const forged = await new SignJWT(changed)
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(stack.keys.legacyJwtSecret))
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${encoded}.`
    for (const bad of [`${header}.${encoded}.${signature}`, forged, unsigned, 'nonsense', ana.session.access_token]) {
      expect(await get(`${other}/${one()}`, bad)).toMatchObject({ status: 400, statusCode: '400', code: 'InvalidJWT' })
    }
    const bare = await call(stack, `/object/sign/${bucket}/${one()}`, { as: 'nobody' })
    expect(await faultOf(bare)).toMatchObject({ statusCode: '400', code: 'InvalidRequest' })
  })

  test('are no tokens', async () => {
    const token = (await linkTo(one())).searchParams.get('token') ?? ''
    const headers = { authorization: `Bearer ${token}` }
    const response = await call(stack, `/object/${bucket}/${one()}`, { as: 'nobody', headers })
    expect(await faultOf(response)).toMatchObject({ statusCode: '403', code: 'AccessDenied' })
  })

  test.each([0, -1, 1.5, 'soon'])('are not made for %j seconds', async (expiresIn) => {
    const init = { method: 'POST', body: JSON.stringify({ expiresIn }) }
    const response = await call(stack, `/object/sign/${bucket}/${one()}`, init)
    expect(await faultOf(response)).toMatchObject({ statusCode: '400', code: 'InvalidRequest' })
  })

  test('for an upload let somebody else upload in the maker’s name, once', async () => {
    const path = `${ana.id}/by link.txt`
    const { data: link } = await files().createSignedUploadUrl(path)
    expect(link).toMatchObject({ path, token: expect.any(String) })
    const stranger = stack.client().storage.from(bucket)
    const { data } = await stranger.uploadToSignedUrl(path, link?.token ?? '', Buffer.from('thanks'))
    expect(data).toEqual({ path, fullPath: `${bucket}/${path}` })
    expect(await textOf(ana.client, bucket, path)).toBe('thanks')
    const { rows } = await stack.sql.query('select owner_id from storage.objects where name = $1', [path])
    expect(rows).toEqual([{ owner_id: ana.id }])
    const again = await stranger.uploadToSignedUrl(path, link?.token ?? '', new Blob(['more']))
    expect(faultIn(again)).toMatchObject({ status: 400, statusCode: '409', code: 'KeyAlreadyExists' })
    expect(await textOf(ana.client, bucket, path)).toBe('thanks')
  })

  test('for an upload may replace only when they were made so', async () => {
    const path = `${ana.id}/replaced by link.txt`
    const { data: link } = await files().createSignedUploadUrl(path, { upsert: true })
    const bare = stack.client().storage.from(bucket)
    for (const text of ['first', 'second']) {
      expect((await bare.uploadToSignedUrl(path, link?.token ?? '', text)).error).toBeNull()
    }
    expect(await textOf(ana.client, bucket, path)).toBe('second')
  })

  test('for an upload are made only by those who may upload', async () => {
    for (const [client, path] of [
      [ana.client, 'elsewhere.txt'],
      [stack.client(), `${ana.id}/x.txt`],
    ] as const) {
      const answer = await client.storage.from(bucket).createSignedUploadUrl(path)
      expect(faultIn(answer)).toMatchObject({ statusCode: '403', code: 'AccessDenied' })
    }
    const taken = await files().createSignedUploadUrl(one())
    expect(faultIn(taken)).toMatchObject({ statusCode: '409' })
  })

  test('for an upload take nothing elsewhere, later, or with a link for a download', async () => {
    const path = `${ana.id}/limited.txt`
    const { data: link } = await files().createSignedUploadUrl(path)
    const download = (await linkTo(one())).searchParams.get('token') ?? ''
    const bare = stack.client().storage.from(bucket)
    const elsewhere = await bare.uploadToSignedUrl(`${ana.id}/other.txt`, link?.token ?? '', 'x')
    expect(faultIn(elsewhere)).toMatchObject({ statusCode: '400', code: 'InvalidSignature' })
    expect(faultIn(await bare.uploadToSignedUrl(one(), download, 'x'))).toMatchObject({ code: 'InvalidSignature' })
    const asDownload = await call(stack, `/object/sign/${bucket}/${path}?token=${link?.token}`, { as: 'nobody' })
    expect(await faultOf(asDownload)).toMatchObject({ code: 'InvalidSignature' })
    stack.advance(7201)
    expect(faultIn(await bare.uploadToSignedUrl(path, link?.token ?? '', 'x'))).toMatchObject({ code: 'InvalidJWT' })
    stack.advance(-7201)
  })
})
