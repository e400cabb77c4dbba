import { describe, expect } from 'vitest'
import { desk, holdings, nothing, uploadForm } from '../support/uploads.ts'
import { test } from '../support/world.ts'

describe('a file’s name', () => {
  const names = [
    'Grüße 文件 😀.csv',
    'مرحبا بالعالم.csv',
    '\u202egnp.csv',
    '%00..%2f.csv',
    'a'.repeat(251).concat('.csv'),
    '..csv',
  ]
  test.for(names)('%s is kept as it is', async (filename, { world }) => {
    const { company, path } = await desk(world)
    const { status, body } = await uploadForm(world.stack, company.member, { path, filename })
    expect([status, body['filename']]).toEqual([201, filename])
    const { rows } = await world.stack.owner.query('select supabase_path from files where id = $1', [body['id']])
    expect(rows[0].supabase_path).toMatch(new RegExp(`^${company.id}/[0-9a-f-]{36}$`))
  })

  test.for([
    '../../x',
    '..\\x',
    '/etc/passwd',
    'C:\\x.csv',
    '..',
    '.',
    'a\u0000b.csv',
    'a\nb.csv',
    'a'.repeat(256),
    ' ',
  ])('%j is refused', async (filename, { world }) => {
    const { company, path } = await desk(world)
    const { body } = await uploadForm(world.stack, company.member, { path, fields: [['filename', filename]] })
    expect(body).toMatchObject({ code: 'BAD_REQUEST', issues: [{ path: 'filename' }] })
    expect(await holdings(world.stack, company.id)).toEqual(nothing)
  })

  test.for(['../../x', '..\\x', '/etc/passwd', 'a'.repeat(256)])(
    '%s of the part itself is refused, too',
    async (filename, { world }) => {
      const { company, path } = await desk(world)
      const { body } = await uploadForm(world.stack, company.member, { path, filename })
      expect(body).toMatchObject({ code: 'BAD_REQUEST', issues: [{ path: 'filename' }] })
    },
  )
})
