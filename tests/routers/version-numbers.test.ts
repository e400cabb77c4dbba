import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect, onTestFinished } from 'vitest'
import { versionRow } from '../db/support/filing.ts'
import { claimsOf, databasesOf } from '../support/claims.ts'
import { keepFile } from '../support/files.ts'
import { test } from '../support/resting.ts'
import { desk, putBytes, uploadForm } from '../support/uploads.ts'
import type { World } from '../support/world.ts'

/** A ready file of the member's, and its next versions as uploads of their own. */
async function growing(world: World) {
  const { company, studioId } = await desk(world)
  const { files } = company.member.api
  const { id: fileId } = await keepFile(world.stack, company.member, { studioId, content: 'version 1' })
  const begin = async () => {
    const upload = await files.beginVersion.mutate({ fileId, fileSize: 9, mimeType: 'text/csv' })
    const { rows } = await world.stack.owner.query('select number from file_versions where id = $1', [upload.uploadId])
    return { ...upload, number: Number(rows[0]?.number) }
  }
  const send = async (upload: Awaited<ReturnType<typeof begin>>) => {
    await putBytes(upload.uploadUrl, `version ${upload.number}`)
    return upload
  }
  const next = async () => files.confirmUpload.mutate(await send(await begin()))
  const current = async () => (await files.byId.query({ fileId })).version
  const numbers = async () =>
    (await files.versions.list.query({ fileId, limit: 100 })).items.map(({ version }) => version)
  return { company, fileId, files, begin, send, next, current, numbers }
}

/** What may happen to a file with two versions on their way: each arrives once; `restore` and `delete` take any that is not current. */
const happenings = fc.array(
  fc.record({ act: fc.constantFrom('arrive', 'restore', 'delete'), pick: fc.nat({ max: 5 }) }),
  { minLength: 4, maxLength: 8 },
)

describe('the number of a version', () => {
  test('is never given again after the highest one was deleted', async ({ world }) => {
    const { fileId, files, next, numbers } = await growing(world)
    expect(await next()).toMatchObject({ version: 2 })
    await files.versions.restore.mutate({ fileId, version: 1 })
    await files.versions.delete.mutate({ fileId, version: 2 })
    expect(await next()).toMatchObject({ version: 3 })
    expect(await numbers()).toEqual([3, 1])
  })

  test('is never that of an upload that was given up', async ({ world }) => {
    const { files, begin, next } = await growing(world)
    await files.abandonUpload.mutate(await begin())
    expect(await next()).toMatchObject({ version: 3 })
  })

  test('is another one for each of many uploads that begin at once', async ({ world }) => {
    const { begin } = await growing(world)
    const begun = await Promise.all(Array.from({ length: 8 }, begin))
    expect(begun.map(({ number }) => number).toSorted()).toEqual([2, 3, 4, 5, 6, 7, 8, 9])
  })

  test('is given when an upload begins, which leaves the file as it is', async ({ world }) => {
    const { fileId, files, begin } = await growing(world)
    const before = await files.byId.query({ fileId })
    await begin()
    expect(await files.byId.query({ fileId })).toEqual(before)
  })

  test('is not the caller’s to choose, not even with SQL', async ({ world }) => {
    const { company, fileId, next } = await growing(world)
    const { api, close } = databasesOf(world.stack)
    onTestFinished(close)
    const scope = api.scope(claimsOf(company.member), { id: 'test', ip: '', agent: '' })
    const row = { ...versionRow(company.id, fileId, claimsOf(company.member), 2_147_483_647) }
    const [columns, values] = [Object.keys(row), Object.values(row)]
    const names = sql.raw(columns.join(', '))
    const { rows } = await scope.transaction((tx) =>
      tx.execute(
        sql`insert into file_versions (${names}) values (${sql.join(
          values.map((value) => sql`${value}`),
          sql`, `,
        )}) returning number`,
      ),
    )
    expect(rows).toEqual([{ number: 2 }])
    expect(await next()).toMatchObject({ version: 3 })
  })
})

describe('the current version', () => {
  test('is the highest of those that arrive at once', async ({ world }) => {
    const { files, begin, send, current, numbers } = await growing(world)
    const uploads = await Promise.all(Array.from({ length: 6 }, async () => await send(await begin())))
    await Promise.all(uploads.map((upload) => files.confirmUpload.mutate(upload)))
    expect(await numbers()).toEqual([7, 6, 5, 4, 3, 2, 1])
    expect(await current()).toBe(7)
  })

  test('is the highest of forms that come at once, none of which waits for another in a circle', async ({ world }) => {
    const { company, fileId, current, numbers } = await growing(world)
    const send = () => uploadForm(world.stack, company.member, { path: `/files/${fileId}/versions` })
    const answers = await Promise.all(Array.from({ length: 40 }, send))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201))
    expect(await numbers()).toHaveLength(41)
    expect(await current()).toBe(41)
  })

  test('is not an older one that arrives later, and its uploader is told which one theirs is', async ({ world }) => {
    const { fileId, files, begin, send, next } = await growing(world)
    const slow = await send(await begin())
    const newer = await next()
    expect(newer).toMatchObject({ version: 3, uploadedVersion: 3 })
    expect(await files.confirmUpload.mutate(slow)).toMatchObject({
      version: 3,
      uploadedVersion: 2,
      checksum: newer.checksum,
    })
    const { url } = await files.downloadLink.mutate({ fileId })
    expect(await (await fetch(url)).text()).toBe('version 3')
  })

  test('is the highest there is or the one restored, in whatever order things happen', async ({ world }) => {
    await fc.assert(
      fc.asyncProperty(happenings, async (acts) => {
        const { fileId, files, begin, send, current, numbers } = await growing(world)
        const waiting = [await send(await begin()), await send(await begin()), await send(await begin())]
        let [ready, is] = [[1], 1]
        for (const { act, pick } of acts) {
          const others = ready.filter((version) => version !== is)
          const other = others[pick % others.length]
          if (act === 'arrive') {
            const [upload] = waiting.splice(pick % Math.max(1, waiting.length), 1)
            if (!upload) continue
            await files.confirmUpload.mutate(upload)
            if (upload.number > Math.max(...ready)) is = upload.number
            ready = [...ready, upload.number]
          } else if (other === undefined) continue
          else if (act === 'restore') {
            await files.versions.restore.mutate({ fileId, version: other })
            is = other
          } else {
            await files.versions.delete.mutate({ fileId, version: other })
            ready = ready.filter((version) => version !== other)
          }
          expect(await current()).toBe(is)
        }
        expect(await numbers()).toEqual(ready.toSorted((one, another) => another - one))
      }),
      { numRuns: 8 },
    )
  })
})
