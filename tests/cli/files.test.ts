import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { companyFields, test, unique } from '../support/world.ts'
import { shell } from './shell.ts'

/** A shell whose user has a studio, and a folder of this machine with one file in it. */
async function desk(stack: Parameters<typeof shell>[0]) {
  const { studios } = shell(stack)
  const account = ['--email', `${unique()}@example.com`, '--password', 'a long Passphrase 2026']
  await studios('sign-up', '--name', 'Cleo Shell', ...account)
  const company = JSON.parse((await studios('companies', 'create', '--json', JSON.stringify(companyFields()))).stdout)
  const fields = JSON.stringify({ companyId: company.id, name: 'Desk', businessArea: 'sales' })
  const studio = JSON.parse((await studios('studios', 'create', '--json', fields)).stdout)
  const folder = mkdtempSync(join(tmpdir(), 'studios-files-'))
  const path = join(folder, 'Umsätze 2026.csv')
  writeFileSync(path, 'month,total\nMay,7\n')
  return { studios, folder, path, companyId: String(company.id), studioId: String(studio.id) }
}

describe('studios files', () => {
  test('sends a file with its progress, gives it a next version, and saves it again', async ({ stack }) => {
    const { studios, folder, path, studioId } = await desk(stack)
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

  test('replaces nothing unless told to, and says what is missing', async ({ stack }) => {
    const { studios, folder, path, studioId } = await desk(stack)
    const { id } = JSON.parse((await studios('files', 'upload', path, '--studioId', studioId)).stdout)
    const refused = await studios('files', 'download', id, '--to', folder)
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('--force') })
    expect(await studios('files', 'download', id, '--to', folder, '--force')).toMatchObject({ code: 0 })
    const nowhere = await studios('files', 'upload', path)
    expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('--studioId') })
    const gone = await studios('files', 'upload', join(folder, 'gone.csv'), '--studioId', studioId)
    expect(gone).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no file') })
  })

  test('gives the place back when the content is refused', async ({ stack }) => {
    const { studios, folder, companyId, studioId } = await desk(stack)
    const path = join(folder, 'table.csv')
    writeFileSync(path, Buffer.from('%PDF-1.7\n%âãÏÓ\n1 0 obj\n', 'latin1'))
    const refused = await studios('files', 'upload', path, '--studioId', studioId)
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('application/pdf') })
    const usage = JSON.parse((await studios('files', 'storage', '--companyId', companyId)).stdout)
    expect(usage.usedBytes).toBe(0)
  })
})
