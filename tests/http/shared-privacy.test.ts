import { describe, expect } from 'vitest'
import { type Answer, download, sendThrough, test, visit } from '../support/sharing.ts'
import { unique } from '../support/world.ts'

/** All that an answer tells, its request's own id left out. */
function told({ headers, text }: Answer): string {
  const id = headers.get('x-request-id') ?? ''
  return `${JSON.stringify([...headers])} ${text}`.replaceAll(id, '')
}

describe('whoever has a link', () => {
  test('learns nothing of the company, its people, its ids, or where bytes lie', async ({ world, desk }) => {
    const { company, keep, folder, studioId } = desk
    const { member } = company
    const folderId = await folder('Secret plans')
    const file = await keep({ filename: 'offer.csv', folderId, tags: ['confidential'] })
    const password = `password-${unique()}`
    const [open, locked, inbox] = [
      await member.api.sharing.create.mutate({ fileId: file.id, label: 'For the tax office' }),
      await member.api.sharing.create.mutate({ fileId: file.id, password }),
      await member.api.sharing.create.mutate({ folderId }),
    ]
    const answers = [true, false].flatMap((json) => [
      visit(open.url, { json }),
      download(open.url, { json }),
      visit(locked.url, { json }),
      download(locked.url, { json }),
      download(locked.url, { password: 'not the password', json }),
      download(locked.url, { password, json }),
      visit(inbox.url, { json }),
      download(inbox.url, { json }),
      sendThrough(inbox.url, { json }),
      sendThrough(inbox.url, { content: '', json }),
      visit(`${open.url}x`, { json }),
    ])
    const { rows } = await world.stack.owner.query(
      'select c.name as company, c.slug, s.name as studio from companies c join studios s on s.company_id = c.id where s.id = $1',
      [studioId],
    )
    const hidden = [
      ...[company.id, studioId, folderId, file.id, file.versionId, file.path, open.share.id, inbox.share.id],
      ...[rows[0].company, rows[0].slug, rows[0].studio, 'Secret plans', 'confidential', 'For the tax office'],
      ...[member.userId, member.email, 'Member One', 'Admin One', 'studio-files', 'supabase', world.stack.supabase.url],
    ]
    for (const answer of await Promise.all(answers)) {
      const text = told(answer)
      expect(hidden.filter((word) => text.includes(word))).toEqual([])
      expect(text).not.toMatch(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/)
    }
  })

  test('leaves neither the link nor a password in the log', async ({ world, desk: { company, keep, folder } }) => {
    const [{ id: fileId }, folderId] = [await keep(), await folder()]
    const [password, wrong] = [`password-${unique()}`, `password-${unique()}`]
    const { api } = company.member
    const [locked, inbox] = [
      await api.sharing.create.mutate({ fileId, password }),
      await api.sharing.create.mutate({ folderId, password }),
    ]
    for (const json of [true, false]) {
      await visit(locked.url, { json })
      await download(locked.url, { password, json })
      await download(locked.url, { password: wrong, json })
      await sendThrough(inbox.url, { password, json })
      await sendThrough(inbox.url, { password: wrong, json })
      await sendThrough(inbox.url, { password, content: '', json })
      await visit(`${locked.url}/nowhere`, { json })
    }
    await world.stack.owner.query(`update files set supabase_path = supabase_path || '-lost' where id = $1`, [fileId])
    await download(locked.url, { password })
    await api.sharing.list.query({ companyId: company.id })
    await api.sharing.revoke.mutate({ shareId: locked.share.id })
    await download(locked.url, { password })
    const log = world.stack.logs.join('\n')
    for (const route of ['/shared/:token/download', '/shared/:token/files', '/shared/:token"'])
      expect(log).toContain(route)
    const secrets = [locked.url, inbox.url].map((url) => url.split('/').at(-1) ?? '')
    expect([...secrets, password, wrong].filter((secret) => log.includes(secret))).toEqual([])
  })
})
