import { expect } from 'vitest'
import { openBells } from '../../src/bells.ts'
import { listen } from '../../src/db/notifications.ts'
import { test } from './support/clone.ts'

test('what is told at once arrives whole and in order', async ({ clone, onTestFinished }) => {
  const heard: string[] = []
  const all = Promise.withResolvers<void>()
  const listening = await listen({
    url: clone.workerUrl,
    channels: ['one', 'two'],
    onNotice: (channel, payload) => {
      heard.push(`${channel} ${payload}`)
      if (payload === 'last') all.resolve()
    },
    onGap: () => undefined,
    onError: () => undefined,
  })
  onTestFinished(() => listening.close())
  const news = ['one 1', 'two 2', 'one it\'s "quoted"', 'two last']
  for (const item of news) listening.tell(item.slice(0, 3), item.slice(4))
  await all.promise
  expect(heard).toEqual(news)
})

test('a run that was accepted is told to workers, to its watchers and to those of its company', async ({
  clone,
  onTestFinished,
}) => {
  const run = { id: crypto.randomUUID(), companyId: crypto.randomUUID() }
  const told = Promise.withResolvers<string>()
  const worker = await listen({
    url: clone.workerUrl,
    channels: ['studios_worker'],
    onNotice: (_, payload) => told.resolve(payload),
    onGap: () => undefined,
    onError: () => undefined,
  })
  onTestFinished(() => worker.close())
  const [here, elsewhere] = await Promise.all([1, 2].map(() => openBells(clone.apiUrl, () => undefined)))
  if (!here || !elsewhere) throw new Error('two hosts were wanted')
  onTestFinished(async () => void (await Promise.all([here.close(), elsewhere.close()])))
  const never = AbortSignal.timeout(60_000)
  const rings = [run.id, run.companyId].map((id) => elsewhere.bell(id).next(60_000, never))
  here.ring(run)
  await Promise.all(rings)
  expect(never.aborted).toBe(false)
  expect(await told.promise).toBe(run.id)
})
