import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from '@supabase/supabase-js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sorted } from '../support/answers.ts'
import { Stack } from '../support/stack.ts'
import { startKillable } from './support/killable.ts'
import { breakRows, bytes, faultIn, filesOf, someBucket, textOf } from './support/storage.ts'

const soon = { timeout: 10_000, interval: 10 }

describe('bytes and rows stay together', () => {
  let stack: Stack
  let bucket: string

  beforeAll(async () => {
    stack = await Stack.start()
    bucket = await someBucket(stack)
  })

  afterAll(() => stack.stop())

  const files = () => stack.admin().storage.from(bucket)
  const versions = async () => {
    const { rows } = await stack.sql.query<{ version: string }>('select version from storage.objects')
    return sorted(rows.map(({ version }) => `objects/${version.slice(0, 2)}/${version}`))
  }

  test('of fifty uploads to one name one wins, and the others are told', async () => {
    const contents = Array.from({ length: 50 }, (_, index) => `${index} `.repeat(2000))
    const answers = await Promise.all(contents.map((content) => files().upload('contested', content)))
    const won = answers.flatMap((answer, index) => (answer.error ? [] : [index]))
    expect(won).toHaveLength(1)
    for (const answer of answers) {
      if (answer.error) expect(faultIn(answer)).toMatchObject({ statusCode: '409', code: 'KeyAlreadyExists' })
    }
    expect(await textOf(stack.admin(), bucket, 'contested')).toBe(contents[won[0] ?? 0])
    expect(filesOf(stack)).toEqual(await versions())
  })

  test('of fifty replacements of one object every one is whole, and one stays', async () => {
    const contents = Array.from({ length: 50 }, (_, index) => `${index} `.repeat(2000))
    const upload = (content: string) => files().upload('replaced', content, { upsert: true })
    const readWhileItChanges = async () => {
      const { data, error } = await files().download('replaced')
      if (error) expect(faultIn({ error })).toMatchObject({ code: 'NoSuchKey' })
      else expect(contents).toContain(await data.text())
    }
    const answers = await Promise.all(
      contents.flatMap((content) => [upload(content), readWhileItChanges().then(() => ({ error: null }))]),
    )
    expect(answers.filter((answer) => answer.error)).toEqual([])
    expect(contents).toContain(await textOf(stack.admin(), bucket, 'replaced'))
    expect(filesOf(stack)).toEqual(await versions())
  })

  test('moves and removals of one object at once leave it in one place or in none', async () => {
    await files().upload('from', 'x')
    const moves = ['a', 'b', 'c', 'd'].map((name) => files().move('from', `to ${name}`))
    await Promise.all([...moves, files().remove(['from'])])
    const left = (await files().list('', { search: 'to ' })).data ?? []
    expect(left.length).toBeLessThanOrEqual(1)
    expect((await files().exists('from')).data).toBe(false)
    expect(filesOf(stack)).toEqual(await versions())
    await files().remove(left.map((object) => object.name))
  })

  test('a start clears away what belongs to nothing, and only that', async () => {
    await files().upload('kept', 'kept')
    const kept = filesOf(stack)
    const storage = join(stack.dataDir, 'storage')
    await stack.restart(() => {
      for (const folder of ['incoming', 'partial', 'objects/ab']) mkdirSync(join(storage, folder), { recursive: true })
      for (const folder of ['incoming', 'partial', 'objects/ab']) {
        writeFileSync(join(storage, folder, randomUUID()), 'left behind')
      }
      writeFileSync(join(storage, 'objects/ab', 'odd name'), 'left behind')
      expect(filesOf(stack)).toHaveLength(kept.length + 4)
    })
    expect(filesOf(stack)).toEqual(kept)
    expect(await textOf(stack.admin(), bucket, 'kept')).toBe('kept')
  })

  test('when the database fails at the very end there are neither row nor bytes', async () => {
    await files().upload('stays', 'before')
    const before = filesOf(stack)
    const repair = await breakRows(stack)
    for (const answer of [
      await files().upload('fails', 'x'),
      await files().upload('stays', 'after', { upsert: true }),
      await files().update('stays', 'after'),
    ]) {
      expect(faultIn(answer)).toMatchObject({ status: 500, statusCode: '500', code: 'InternalError' })
    }
    await repair()
    expect(filesOf(stack)).toEqual(before)
    expect((await files().exists('fails')).data).toBe(false)
    expect(await textOf(stack.admin(), bucket, 'stays')).toBe('before')
    await files().remove(['stays'])
  })

  test('bytes that are lost make no answer that looks like an object', async () => {
    await files().upload('lost', 'x')
    const { data } = await files().info('lost')
    rmSync(join(stack.dataDir, 'storage', 'objects', data?.version.slice(0, 2) ?? '', data?.version ?? ''))
    expect(faultIn(await files().download('lost'))).toMatchObject({ statusCode: '404', code: 'NoSuchKey' })
    expect((await files().remove(['lost'])).data).toHaveLength(1)
  })

  test('a process that is killed in the middle of an upload leaves nothing to be read', async () => {
    await files().upload('standing', 'before')
    await stack.server.close()
    const doomed = await startKillable(stack)
    const client = createClient(doomed.url, stack.keys.secretKey)
    const unfinished = () =>
      new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(bytes(100_000)),
      })
    const uploads = [
      client.storage.from(bucket).upload('killed', unfinished()),
      client.storage.from(bucket).upload('standing', unfinished(), { upsert: true }),
    ]
    const incoming = () => filesOf(stack).filter((file) => file.startsWith('incoming/'))
    const whole = (file: string) => readFileSync(join(stack.dataDir, 'storage', file)).length === 100_000
    await expect.poll(() => incoming().filter(whole).length, soon).toBe(2)
    await doomed.kill()
    for (const answer of await Promise.all(uploads)) expect(answer.error).not.toBeNull()
    expect(incoming()).toHaveLength(2)

    await stack.restart()
    expect(incoming()).toEqual([])
    expect((await files().exists('killed')).data).toBe(false)
    expect(await textOf(stack.admin(), bucket, 'standing')).toBe('before')
    expect((await files().upload('killed', 'after all')).error).toBeNull()
    expect(await textOf(stack.admin(), bucket, 'killed')).toBe('after all')
    expect(filesOf(stack)).toEqual(await versions())
  })

  test('a server that is closed breaks off what is under way, and cleans up behind itself', async () => {
    const before = filesOf(stack)
    const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(bytes(1000)) })
    const uploading = files().upload('broken off', body)
    await expect.poll(() => filesOf(stack).length, soon).toBe(before.length + 1)
    await stack.restart(() => expect(filesOf(stack)).toEqual(before))
    expect((await uploading).error).not.toBeNull()
    expect((await files().exists('broken off')).data).toBe(false)
  })

  test('a server that is closed ends downloads that nobody reads', async () => {
    await files().upload('unread', bytes(20_000_000))
    const { data } = await files().createSignedUrl('unread', 60)
    const response = await fetch(data?.signedUrl ?? '')
    await stack.restart()
    await expect(response.arrayBuffer()).rejects.toThrow()
    expect((await files().info('unread')).data?.size).toBe(20_000_000)
  })
})
