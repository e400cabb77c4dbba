import { describe, expect, onTestFinished, vi } from 'vitest'
import { freePort } from '../../src/embedded/postgres.ts'
import { startKillable } from '../faults/services.ts'
import { test } from '../support/resting.ts'
import { desk, holdings, limitStorage, nothing, putBytes, uploadForm } from '../support/uploads.ts'
import { beginRaw, fileStart } from './raw-upload.ts'

const most = 120
const asked = 200
const content = 'a,b\n1,2\n'
const large = 'a,b\n'.repeat(64 * 1024)
/** A busy machine may refuse for a moment; whoever is told to try again does. */
async function untilDecided<T>(attempt: () => Promise<T>, isBusy: (outcome: T) => boolean): Promise<T> {
  while (true) {
    const outcome = await attempt()
    if (!isBusy(outcome)) return outcome
  }
}

const full = { files: most, versions: most, uploading: 0, usedBytes: most * content.length }

describe('two hundred uploads at once on a storage with room for fewer', { timeout: 120_000 }, () => {
  test('as forms: exactly those go through that fit', async ({ world }) => {
    const { company, path } = await desk(world)
    await limitStorage(world.stack, company.id, most * content.length)
    const fields: [string, string][] = [['size', String(content.length)]]
    const sent = await Promise.all(
      Array.from({ length: asked }, () =>
        untilDecided(
          () => uploadForm(world.stack, company.member, { path, content, fields }),
          ({ status }) => status === 503,
        ),
      ),
    )
    expect(sent.filter(({ status }) => status === 201)).toHaveLength(most)
    expect(sent.filter(({ body }) => body['code'] === 'QUOTA_EXCEEDED')).toHaveLength(asked - most)
    expect(await holdings(world.stack, company.id)).toEqual({ ...full, objects: most })
  })

  test('straight to the storage: exactly those begin that fit', async ({ world }) => {
    const { company, studioId } = await desk(world)
    await limitStorage(world.stack, company.id, most * content.length)
    const announced = { studioId, filename: 'table.csv', fileSize: content.length, mimeType: 'text/csv' }
    const { files } = company.member.api
    const persist = <T>(call: () => Promise<T>) =>
      untilDecided(
        () => call().catch((error: unknown) => String(Object(error).data?.code ?? error)),
        (outcome) => outcome === 'UNAVAILABLE',
      )
    const upload = async () => {
      const begun = await persist(() => files.beginUpload.mutate(announced))
      if (typeof begun === 'string') return begun
      await putBytes(begun.uploadUrl, content)
      const file = await persist(() => files.confirmUpload.mutate({ uploadId: begun.uploadId }))
      return typeof file === 'string' ? file : file.status
    }
    const outcomes = await Promise.all(Array.from({ length: asked }, upload))
    expect(outcomes.filter((one) => one === 'ready')).toHaveLength(most)
    expect(outcomes.filter((one) => one === 'QUOTA_EXCEEDED')).toHaveLength(asked - most)
    expect(await holdings(world.stack, company.id)).toEqual({ ...full, objects: most })
  })

  test('that fail on the way give back what they took', async ({ world }) => {
    const { company, path } = await desk(world)
    await limitStorage(world.stack, company.id, 10 * content.length)
    const wrong: [string, string][] = [
      ['size', String(content.length)],
      ['checksum', '0'.repeat(64)],
    ]
    await Promise.all(
      Array.from({ length: 60 }, () => uploadForm(world.stack, company.member, { path, content, fields: wrong })),
    )
    expect(await holdings(world.stack, company.id)).toEqual(nothing)
  })
})

test('an API that is killed during an upload leaves nothing to read, and the sweep gives the quota its bytes back', {
  timeout: 60_000,
}, async ({ world }) => {
  const { company, path } = await desk(world)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const api = await startKillable(world.stack, { ROLE: 'api', PORT: String(port) })
  onTestFinished(() => api.close())
  await vi.waitFor(() => fetch(`${url}/health/live`), { timeout: 20_000 })
  const { send, answer } = await beginRaw({ url }, company.member, path, { 'content-length': '5000000' })
  send(`${fileStart}${large}`)
  await vi.waitFor(
    async () => expect(await holdings(world.stack, company.id)).toMatchObject({ uploading: 1, usedBytes: 5_000_000 }),
    { timeout: 20_000 },
  )
  await api.kill()
  await answer
  expect(await holdings(world.stack, company.id)).toMatchObject({ uploading: 1, objects: 0 })
  const { rows } = await world.stack.owner.query('select id from files where company_id = $1', [company.id])
  const link = company.member.api.files.downloadLink.mutate({ fileId: rows[0].id })
  await expect(link).rejects.toMatchObject({ data: { code: 'PRECONDITION_FAILED' } })
  await world.stack.owner.query('update file_versions set expires_at = now() where company_id = $1', [company.id])
  await world.stack.owner.query('select app.sweep_uploads(10)')
  expect(await holdings(world.stack, company.id)).toEqual(nothing)
})
