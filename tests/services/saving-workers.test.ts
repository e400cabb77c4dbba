import { describe, expect } from 'vitest'
import { removeBytes } from '../../src/services/core/files/upkeep.ts'
import { applyEffects } from '../../src/services/workflows/effects/apply.ts'
import { fileIdOf } from '../../src/services/workflows/effects/file.ts'
import { supabaseStorage } from '../../src/storage/supabase-storage.ts'
import { afterBytes, applyAll, asking, bytesAt, keptFor, type Saver, save, test, toldOf } from './saving.ts'

const table = 'name,city\nAda,Köln\n'

describe('a worker that saves a file', () => {
  test('and dies between its bytes and its rows leaves one file in the end, and its bytes once', async ({
    world,
    saver,
  }) => {
    const { place, executionId } = await asking(world, saver, [save({ content: table })])
    const dies = () => Promise.reject(new Dead())
    for (let deaths = 0; deaths < 3; deaths += 1) await expect(applyEffects(mortal(saver, dies))).rejects.toThrow(Dead)
    expect(await keptFor(world, place.companyId)).toMatchObject({
      files: [],
      usedBytes: 0,
      objects: [{}, {}, {}].map(() => expect.any(String)),
    })
    await applyAll(saver)
    await world.stack.owner.query(`update file_removals set not_before = now() where company_id = $1`, [
      place.companyId,
    ])
    await removeBytes(saver)
    const { files, versions, objects, usedBytes, removals } = await keptFor(world, place.companyId)
    expect(files).toMatchObject([{ id: fileIdOf({ executionId, ordinal: 1 }), version: 1 }])
    expect(versions).toHaveLength(1)
    expect(objects).toEqual([files[0].supabase_path])
    expect([usedBytes, removals]).toEqual([Buffer.byteLength(table), []])
    expect(await bytesAt(world.stack, files[0].supabase_path)).toEqual(Buffer.from(table))
    expect(await toldOf(place, executionId)).toMatchObject([{ outcome: 'applied' }])
  })

  test('together with others saves each file once', async ({ world, saver }) => {
    const names = Array.from({ length: 8 }, (_, n) => `part-${n}.csv`)
    const { place, executionId } = await asking(
      world,
      saver,
      names.map((filename) => save({ filename, content: `${filename}\n`, folder: 'Parts' })),
    )
    await Promise.all([saver, saver, saver, saver].map(applyAll))
    await applyAll(saver)
    await removeBytes(saver)
    const { files, objects, removals } = await keptFor(world, place.companyId)
    expect(new Set(files.map((file) => file.filename))).toEqual(new Set(names))
    expect(files).toHaveLength(names.length)
    expect(new Set(objects)).toEqual(new Set(files.map((file) => file.supabase_path)))
    expect(removals).toEqual([])
    expect((await toldOf(place, executionId)).map(({ outcome }) => outcome)).toEqual(names.map(() => 'applied'))
    const { filesUsed } = await place.company.member.api.executions.byId.query({ executionId })
    expect(filesUsed).toHaveLength(names.length)
    expect(saver.warnings, 'whoever comes second leaves it at that').toEqual([])
  })

  test('waits for a storage that is away, and applies other effects meanwhile', async ({ world, saver }) => {
    const { place, executionId } = await asking(world, saver, [save({ content: table })])
    const away = {
      ...saver,
      objects: supabaseStorage({ url: 'http://127.0.0.1:9', publishableKey: '', secretKey: '' }),
    }
    for (let tries = 0; tries < 7; tries += 1)
      await expect(applyEffects(away)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await toldOf(place, executionId)).toMatchObject([{ outcome: 'waiting' }])
    const insight = { id: 'one', title: 'So', finding: 'So.', computation: 'So.', action: 'So.', importance: 'low' }
    const other = await asking(world, saver, [{ kind: 'insight.record', arguments: insight }])
    expect(await applyEffects(away)).toBe(true)
    expect(await toldOf(other.place, other.executionId)).toMatchObject([{ outcome: 'applied' }])
    await applyAll(saver)
    expect(await toldOf(place, executionId)).toMatchObject([{ outcome: 'applied' }])
    await removeBytes(saver)
    expect(await keptFor(world, place.companyId)).toMatchObject({
      files: [{}],
      objects: [{}].map(() => expect.any(String)),
      removals: [],
    })
  })

  test('whose bytes were removed before it was done stores them anew', async ({ world, saver }) => {
    const { place, executionId } = await asking(world, saver, [save({ content: table })])
    const late = async () => {
      await world.stack.owner.query(`update file_removals set not_before = now() where company_id = $1`, [
        place.companyId,
      ])
      await removeBytes(saver)
    }
    await applyEffects(afterBytes(saver, late))
    expect(await toldOf(place, executionId)).toMatchObject([{ outcome: 'waiting' }])
    await applyAll(saver)
    const { files, objects } = await keptFor(world, place.companyId)
    expect(objects).toEqual(files.map((file) => file.supabase_path))
    expect(await toldOf(place, executionId)).toMatchObject([{ outcome: 'applied' }])
  })
})

/** What a process that is gone would do: nothing more. */
class Dead extends Error {}

/** The same worker, which after its bytes are stored reaches nothing any more. */
function mortal(saver: Saver, dies: () => Promise<never>): Saver {
  let isDead = false
  const dying = afterBytes(saver, async () => {
    isDead = true
    await dies()
  })
  return { ...dying, transaction: (work) => (isDead ? dies() : saver.transaction(work)) }
}
