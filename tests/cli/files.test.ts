import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { companyFields, test, type World } from '../support/world.ts'
import { shell } from './shell.ts'

/** The shell of somebody who has a studio, and a folder of this machine with one file in it. */
async function desk(world: World) {
  const { studios } = shell(world.stack)
  const person = await world.signUp()
  const { id: companyId } = await person.api.companies.create.mutate(companyFields())
  const { id: studioId } = await world.studio(person, companyId)
  await studios('sign-in', '--email', person.email, '--password', person.password)
  const folder = mkdtempSync(join(tmpdir(), 'studios-files-'))
  const path = join(folder, 'Umsätze 2026.csv')
  writeFileSync(path, 'month,total\nMay,7\n')
  return { studios, folder, path, person, companyId, studioId }
}

describe('studios files', () => {
  test('sends a file with its progress, gives it a next version, and saves it again', async ({ world }) => {
    const { studios, folder, path, studioId } = await desk(world)
    const sent = await studios('files', 'upload', path, '--studioId', studioId, '--tags', 'sales,may')
    expect(sent).toMatchObject({ code: 0, stderr: expect.stringMatching(/Umsätze 2026\.csv .*100 %/) })
    const file = JSON.parse(sent.stdout)
    expect(file).toMatchObject({ filename: 'Umsätze 2026.csv', status: 'ready', mimeType: 'text/csv', version: 1 })
    writeFileSync(path, 'month,total\nMay,7\nJune,9\n')
    expect(await studios('files', 'upload', path, '--fileId', file.id)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"version": 2'),
    })
    const to = join(folder, 'saved')
    mkdirSync(to)
    expect(await studios('files', 'download', file.id, '--to', to)).toMatchObject({ code: 0 })
    expect(readFileSync(join(to, 'Umsätze 2026.csv'), 'utf8')).toBe('month,total\nMay,7\nJune,9\n')
    expect(readdirSync(to)).toEqual(['Umsätze 2026.csv'])
  })

  test('replaces nothing unless told to, and says what is missing', async ({ world }) => {
    const { studios, folder, path, studioId } = await desk(world)
    const { id } = JSON.parse((await studios('files', 'upload', path, '--studioId', studioId)).stdout)
    expect(await studios('files', 'download', id, '--to', folder)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--force'),
    })
    expect(await studios('files', 'download', id, '--to', folder, '--force')).toMatchObject({ code: 0 })
    expect(await studios('files', 'upload', path)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--studioId'),
    })
    expect(await studios('files', 'upload', join(folder, 'gone.csv'), '--studioId', studioId)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no file'),
    })
  })

  test('gives the place back when the content is refused', async ({ world }) => {
    const { studios, folder, person, companyId, studioId } = await desk(world)
    const path = join(folder, 'table.csv')
    writeFileSync(path, Buffer.from('%PDF-1.7\n%âãÏÓ\n1 0 obj\n', 'latin1'))
    const refused = await studios('files', 'upload', path, '--studioId', studioId)
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('application/pdf') })
    expect(await person.api.files.storage.query({ companyId })).toMatchObject({ usedBytes: 0 })
  })
})
