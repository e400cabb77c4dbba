import { createHash } from 'node:crypto'
import { describe, expect } from 'vitest'
import { download, openings, test, visit } from '../support/sharing.ts'
import { uploadForm } from '../support/uploads.ts'
import { ownWorld } from './own-stack.ts'

const shownFor = (filename: string) => ({
  filename,
  fileSize: 8,
  mimeType: 'text/csv',
  expiresAt: expect.any(String),
  needsPassword: false,
})

describe('a link to a file', () => {
  test('shows what it is to a program, and a page to a person', async ({ desk: { company, keep } }) => {
    const { id: fileId } = await keep({ filename: 'Q3 <b>& "Umsätze".csv' })
    const { url, share } = await company.member.api.sharing.create.mutate({ fileId })
    const { status, text } = await visit(url)
    expect([status, JSON.parse(text)]).toEqual([
      200,
      { ...shownFor('Q3 <b>& "Umsätze".csv'), expiresAt: share.expiresAt },
    ])
    const page = await visit(url, { json: false })
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    for (const part of [
      'Q3 &#60;b&#62;&#38; &#34;Umsätze&#34;.csv',
      '8 bytes',
      'Table (text/csv)',
      ' UTC',
      '>Download<',
    ])
      expect(page.text).toContain(part)
    expect(page.text).toContain('<html lang="en">')
    expect(page.text).not.toMatch(/<script|<img|<link|https?:|password/i)
    expect(page.text).toContain(`<form method="post" action="${url.split('/').at(-1)}/download">`)
  })

  test('gives the whole file under its own name, to be saved', async ({ desk: { company, keep } }) => {
    const filename = 'Übersicht "2026" 数据 (1).csv'
    const content = 'name,value\nÄ,1\n'
    const { id: fileId } = await keep({ filename, content })
    const { url } = await company.member.api.sharing.create.mutate({ fileId })
    for (const json of [true, false]) {
      const { status, headers, text } = await download(url, { json })
      expect([status, text]).toEqual([200, content])
      const digest = createHash('sha256').update(content).digest('base64')
      expect(Object.fromEntries(headers)).toMatchObject({
        'content-type': 'text/csv',
        'content-length': String(Buffer.byteLength(content)),
        'content-disposition': `attachment; filename="_bersicht _2026_ __ (1).csv"; filename*=UTF-8''${encodeURIComponent(filename).replace('(', '%28').replace(')', '%29')}`,
        'repr-digest': `sha-256=:${digest}:`,
        'accept-ranges': 'none',
        'x-content-type-options': 'nosniff',
      })
    }
  })

  test('is not cached, indexed, framed or told to others, whatever the answer', async ({ desk: { company, keep } }) => {
    const { id: fileId } = await keep()
    const { url } = await company.member.api.sharing.create.mutate({ fileId })
    const answers = [
      await visit(url),
      await visit(url, { json: false }),
      await download(url),
      await visit(`${url}x`),
      await visit(`${url}x`, { json: false }),
      await download(`${url}x`),
    ]
    for (const { headers } of answers) {
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-robots-tag': 'noindex, nofollow',
        'x-content-type-options': 'nosniff',
        'content-security-policy': expect.stringMatching(
          /^default-src 'none'; style-src 'sha256-[\w+/=]{44}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
        ),
      })
      expect(headers.get('set-cookie')).toBe(null)
    }
    const style = /<style>([\s\S]*)<\/style>/.exec(answers[1]?.text ?? '')?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    expect(answers[1]?.headers.get('content-security-policy')).toContain(`'sha256-${hash}'`)
  })

  test('sends the whole file also to who asks for a part of it: each download is one use', async ({ desk }) => {
    const { id: fileId } = await desk.keep({ content: '0123456789' })
    const { url } = await desk.company.member.api.sharing.create.mutate({ fileId, maxUses: 2 })
    const part = () => visit(`${url}/download`, { method: 'POST', headers: { range: 'bytes=0-1' } })
    expect(await part()).toMatchObject({ status: 200, text: '0123456789' })
    expect(await part()).toMatchObject({ status: 200, text: '0123456789' })
    expect((await part()).status).toBe(404)
  })

  test('opens as often as it may, also when many come at once', async ({ world, desk: { company, keep } }) => {
    const { id: fileId } = await keep()
    const { url, share } = await company.member.api.sharing.create.mutate({ fileId, maxUses: 10 })
    const answers = await Promise.all(Array.from({ length: 50 }, () => download(url)))
    const statuses = answers.map(({ status }) => status).toSorted()
    expect(statuses).toEqual([...Array(10).fill(200), ...Array(40).fill(404)])
    expect((await visit(url)).status).toBe(404)
    const { items } = await company.member.api.sharing.list.query({ companyId: company.id, fileId })
    expect(items).toMatchObject([{ uses: 10, state: 'used_up' }])
    const told = (await openings(world, share.id)).map(({ action }) => action)
    expect(told).toEqual(Array(10).fill('download'))
  })
})

describe('a link opens nothing', () => {
  test('in the same words, whatever the reason', async ({ world, desk: { company, keep, folder } }) => {
    const { member } = company
    const make = async (input: object = {}) => {
      const { id: fileId } = await keep()
      return { fileId, ...(await member.api.sharing.create.mutate({ fileId, ...input })) }
    }
    const { owner } = world.stack
    const [expired, revoked, usedUp, trashed] = [await make(), await make(), await make({ maxUses: 1 }), await make()]
    await owner.query('update file_shares set expires_at = now() where id = $1', [expired.share.id])
    await member.api.sharing.revoke.mutate({ shareId: revoked.share.id })
    await download(usedUp.url)
    await owner.query('update files set deleted_at = now() where id = $1', [trashed.fileId])
    const inbox = await member.api.sharing.create.mutate({ folderId: await folder() })
    const unknown = `${world.stack.url}/shared/${'x'.repeat(43)}`
    const tellings = [expired, revoked, usedUp, trashed, { url: unknown }, { url: `${unknown}${'y'.repeat(500)}` }]
    const answers = await Promise.all([
      ...tellings.flatMap(({ url }) => [visit(url), download(url)]),
      download(inbox.url),
    ])
    const told = answers.map(({ status, text }) => ({ status, ...JSON.parse(text), requestId: '' }))
    expect(new Set(told.map((one) => JSON.stringify(one))).size).toBe(1)
    expect(told[0]).toMatchObject({ status: 404, code: 'NOT_FOUND', issues: [] })
    expect(told[0].message).toContain('Ask whoever sent it to you')
    const pages = await Promise.all(
      tellings.flatMap(({ url }) => [visit(url, { json: false }), download(url, { json: false })]),
    )
    expect(new Set(pages.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    expect(pages[0]?.text).toContain('Ask whoever sent it to you for a new one.')
  })

  test('once its maker may not read the file any more, and again when they may', async ({
    desk: { company, keep },
  }) => {
    const { admin, member } = company
    const { id: fileId } = await keep({}, admin)
    const { url } = await member.api.sharing.create.mutate({ fileId })
    const key = { companyId: company.id, userId: member.userId }
    await admin.api.companies.members.revoke.mutate(key)
    expect([(await visit(url)).status, (await download(url)).status]).toEqual([404, 404])
    await admin.api.companies.members.approve.mutate({ ...key, role: 'member' })
    expect((await download(url)).status).toBe(200)
  })

  test('once the studio is closed to its maker', async ({ desk: { company, keep, studioId } }) => {
    const { id: fileId } = await keep()
    const { url } = await company.member.api.sharing.create.mutate({ fileId })
    await company.admin.api.studios.update.mutate({ studioId, access: 'restricted' })
    expect((await download(url)).status).toBe(404)
    await company.admin.api.studios.members.add.mutate({ studioId, userId: company.member.userId })
    expect((await download(url)).status).toBe(200)
  })

  test('while the file is in the trash, and opens it again when it is back, moved, or new', async ({ world, desk }) => {
    const { company, keep, folder } = desk
    const { id: fileId } = await keep({ content: 'first' })
    const { url } = await company.member.api.sharing.create.mutate({ fileId })
    const { owner } = world.stack
    await owner.query('update files set deleted_at = now() where id = $1', [fileId])
    expect((await download(url)).status).toBe(404)
    await owner.query('update files set deleted_at = null where id = $1', [fileId])
    expect(await download(url)).toMatchObject({ status: 200, text: 'first' })
    const { id: studioId } = await world.studio(company.admin, company.id)
    await owner.query('update files set studio_id = $2 where id = $1', [fileId, studioId])
    await owner.query('update files set studio_id = $2, folder_id = $3, filename = $4 where id = $1', [
      ...[fileId, desk.studioId, await folder('Moved'), 'renamed.csv'],
    ])
    expect(JSON.parse((await visit(url)).text)).toMatchObject({ filename: 'renamed.csv' })
    await uploadForm(world.stack, company.admin, { path: `/files/${fileId}/versions`, content: 'the second version' })
    expect(await download(url)).toMatchObject({ status: 200, text: 'the second version' })
  })
})

describe('openings', () => {
  test('are recorded with who came from where, for admins to see', async ({ world, desk: { company, keep } }) => {
    const { id: fileId } = await keep()
    const { url, share } = await company.member.api.sharing.create.mutate({ fileId })
    const headers = { 'user-agent': 'Visitor/1.0', 'x-request-id': 'visit-of-somebody' }
    await visit(url, { headers })
    await visit(`${url}/download`, { method: 'POST', headers })
    const nobody = { actor: 'link', user_id: null, changes: { fileId, version: 1 } }
    const visitor = { ip_address: '127.0.0.1', user_agent: 'Visitor/1.0', request_id: 'visit-of-somebody' }
    expect(await openings(world, share.id)).toEqual([
      { action: 'open', ...nobody, ...visitor },
      { action: 'download', ...nobody, ...visitor },
    ])
    expect(await company.member.api.files.byId.query({ fileId })).toMatchObject({ lastAccessedAt: expect.any(String) })
  })
})

describe('a download that does not come about', () => {
  test('costs no use', async ({ world, desk: { company, keep } }) => {
    const { id: fileId, path } = await keep()
    const { url } = await company.member.api.sharing.create.mutate({ fileId, maxUses: 1 })
    const { owner } = world.stack
    await owner.query(`update files set supabase_path = supabase_path || '-lost' where id = $1`, [fileId])
    expect((await download(url)).status).toBe(404)
    await owner.query('update files set supabase_path = $2 where id = $1', [fileId, path])
    expect((await download(url)).status).toBe(200)
    expect((await download(url)).status).toBe(404)
  })

  test('because its client has left leaves the others alone', async ({ desk: { company, keep } }) => {
    const content = 'x'.repeat(16 * 1024 * 1024)
    const { id: fileId } = await keep({ content })
    const { url } = await company.member.api.sharing.create.mutate({ fileId })
    const gone = new AbortController()
    const response = await fetch(`${url}/download`, { method: 'POST', signal: gone.signal })
    await response.body?.getReader().read()
    gone.abort()
    const { status, text } = await download(url)
    expect([status, text === content]).toEqual([200, true])
  })
})

describe('too many requests of one address', () => {
  test('are refused with the time to wait, on a page for people', async () => {
    const world = await ownWorld({ REQUESTS_PER_MINUTE_PER_ADDRESS: '3' })
    const url = `${world.stack.url}/shared/${'x'.repeat(43)}`
    const statuses = [(await visit(url)).status, (await visit(url)).status, (await download(url)).status]
    expect(statuses).toEqual([404, 404, 404])
    const refused = await visit(url, { json: false })
    expect([refused.status, refused.headers.get('content-type')]).toEqual([429, 'text/html; charset=utf-8'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(refused.text).toContain('Too many requests')
  })
})
