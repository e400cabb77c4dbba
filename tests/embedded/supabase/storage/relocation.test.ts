import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Stack } from '../support/stack.ts'
import { faultIn, filesOf, someBucket, textOf } from './support/storage.ts'

describe('objects that are taken elsewhere', () => {
  let stack: Stack
  let bucket: string

  beforeAll(async () => {
    stack = await Stack.start()
    bucket = await someBucket(stack)
  })

  afterAll(() => stack.stop())

  const files = () => stack.admin().storage.from(bucket)

  test('move: the source is gone, the destination is there, the bytes are the same', async () => {
    await files().upload('moved/from', 'content', { contentType: 'text/csv' })
    await files().upload('moved/other', 'other')
    const before = filesOf(stack)
    expect((await files().move('moved/from', 'moved/to')).data).toEqual({ message: 'Successfully moved' })
    expect((await files().exists('moved/from')).data).toBe(false)
    expect(await textOf(stack.admin(), bucket, 'moved/to')).toBe('content')
    expect((await files().info('moved/to')).data?.contentType).toBe('text/csv')
    expect(filesOf(stack)).toEqual(before)
    expect(faultIn(await files().move('moved/to', 'moved/other'))).toMatchObject({ statusCode: '409' })
    expect(faultIn(await files().move('moved/none', 'moved/x'))).toMatchObject({ statusCode: '404', code: 'NoSuchKey' })
    expect((await files().move('moved/to', 'moved/to')).error).toBeNull()
  })

  test('move to another bucket minds that bucket’s rules', async () => {
    const pictures = await someBucket(stack, { allowedMimeTypes: ['image/*'] })
    const destinationBucket = await someBucket(stack)
    await files().upload('away', 'x')
    expect(faultIn(await files().move('away', 'away', { destinationBucket: pictures }))).toMatchObject({
      statusCode: '415',
    })
    expect(faultIn(await files().move('away', 'away', { destinationBucket: 'no-such' }))).toMatchObject({
      code: 'NoSuchBucket',
    })
    expect((await files().move('away', 'here', { destinationBucket })).error).toBeNull()
    expect(await textOf(stack.admin(), destinationBucket, 'here')).toBe('x')
    expect((await files().exists('away')).data).toBe(false)
  })

  test('copy: both are there and neither depends on the other', async () => {
    await files().upload('copied/from', 'content', { contentType: 'text/csv', metadata: { a: 1 } })
    expect((await files().copy('copied/from', 'copied/to')).data).toEqual({ path: `${bucket}/copied/to` })
    await files().remove(['copied/from'])
    expect(await textOf(stack.admin(), bucket, 'copied/to')).toBe('content')
    expect((await files().info('copied/to')).data).toMatchObject({ contentType: 'text/csv', metadata: { a: 1 } })
    expect(faultIn(await files().copy('copied/to', 'copied/to'))).toMatchObject({ statusCode: '409' })
    expect(faultIn(await files().copy('copied/none', 'copied/x'))).toMatchObject({ code: 'NoSuchKey' })
    const metadata = { mimetype: 'text/html', cacheControl: 'no-store' }
    await files().copy('copied/to', 'copied/new', { copyMetadata: false, metadata })
    expect((await files().info('copied/new')).data).toMatchObject({
      contentType: 'text/html',
      cacheControl: 'no-store',
      metadata: {},
      size: 7,
    })
  })
})
