import { describe, expect, vi } from 'vitest'
import { type Desk, download, openings, sendThrough, test, visit } from '../support/sharing.ts'
import { holdings } from '../support/uploads.ts'
import type { World } from '../support/world.ts'

type Fields = { maxUses?: number; password?: string; label?: string }

async function inbox({ company, folder }: Desk, fields: Fields = {}) {
  const folderId = await folder()
  const made = await company.member.api.sharing.create.mutate({ folderId, label: 'Your invoices', ...fields })
  return { folderId, ...made }
}

async function filesIn({ stack }: World, folderId: string) {
  const { rows } = await stack.owner.query(
    `select f.id, f.filename, f.file_size, f.mime_type, f.status, f.uploaded_by, f.access_level, f.studio_id
     from files f where folder_id = $1 order by f.filename`,
    [folderId],
  )
  return rows
}

/** Half of a file that somebody sends through a link, and what they may do then. */
function slowly(url: string) {
  const form = new FormData()
  form.append('size', '8')
  form.append('file', new Blob(['a,b\n1,2\n'], { type: 'text/csv' }), 'slow.csv')
  const request = new Response(form)
  const leaving = new AbortController()
  const { promise: ending, resolve: end } = Promise.withResolvers<void>()
  async function* halves() {
    const whole = Buffer.from(await request.arrayBuffer())
    const half = whole.indexOf('1,2')
    yield whole.subarray(0, half)
    await ending
    yield whole.subarray(half)
  }
  const sent = fetch(`${url}/files`, {
    ...{ method: 'POST', body: ReadableStream.from(halves()), duplex: 'half', signal: leaving.signal },
    headers: { 'content-type': request.headers.get('content-type') ?? '', accept: 'application/json' },
  })
  const status = sent.then(
    (answer) => answer.status,
    () => undefined,
  )
  return { end, status, hangUp: () => leaving.abort() }
}

const becomes = ({ stack }: World, { company }: Desk, expected: object) =>
  vi.waitFor(async () => expect(await holdings(stack, company.id)).toMatchObject(expected), { timeout: 10_000 })

async function usedBytes({ stack }: World, companyId: string): Promise<number> {
  const { rows } = await stack.owner.query('select used_bytes from company_storage where company_id = $1', [companyId])
  return Number(rows[0]?.used_bytes ?? 0)
}

describe('a link into a folder', () => {
  test('shows its label and takes files; it shows nothing of the folder', async ({ world, desk }) => {
    const { url, share, folderId } = await inbox(desk)
    await desk.keep({ folderId, filename: 'from-somebody-else.csv' })
    const look = await visit(url)
    const facts = {
      label: 'Your invoices',
      largestFileSize: 104_857_600,
      expiresAt: share.expiresAt,
      needsPassword: false,
    }
    expect([look.status, JSON.parse(look.text)]).toEqual([200, facts])
    const page = await visit(url, { json: false })
    expect(page.text).toContain('<h1><bdi>Your invoices</bdi></h1>')
    expect(page.text).toContain(
      `<form method="post" enctype="multipart/form-data" action="${url.split('/').at(-1)}/files">`,
    )
    for (const { text } of [look, page])
      for (const name of ['Inbox', 'from-somebody-else']) expect(text).not.toContain(name)
    expect((await download(url)).status).toBe(404)
    expect(await filesIn(world, folderId)).toHaveLength(1)
  })

  test('puts what is sent there, as a file of whoever made the link', async ({ world, desk }) => {
    const { company, studioId } = desk
    const { url, share, folderId } = await inbox(desk)
    const sent = await sendThrough(url, { filename: 'Rechnung № 7.csv', content: 'a,b\n1,2\n3,4\n' })
    expect([sent.status, JSON.parse(sent.text)]).toEqual([
      201,
      { filename: 'Rechnung № 7.csv', fileSize: 12, mimeType: 'text/csv' },
    ])
    const page = await sendThrough(url, { filename: 'again.csv', json: false })
    expect([page.status, page.text.includes('<bdi>again.csv</bdi> (8 bytes) has arrived.')]).toEqual([201, true])
    const owned = { uploaded_by: company.member.userId, access_level: 'studio', studio_id: studioId, status: 'ready' }
    const files = await filesIn(world, folderId)
    expect(files).toMatchObject([
      { filename: 'Rechnung № 7.csv', file_size: 12, ...owned },
      { filename: 'again.csv', ...owned },
    ])
    expect(await company.viewer.api.files.byId.query({ fileId: files[0].id })).toMatchObject({
      fileSize: 12,
      version: 1,
    })
    const nobody = { action: 'upload', actor: 'link', user_id: null, changes: { folderId } }
    expect(await openings(world, share.id)).toMatchObject([nobody, nobody])
    const { rows } = await world.stack.owner.query(
      `select actor, user_id from audit_logs where resource_type = 'files' and resource_id = $1 and action = 'insert'`,
      [files[0].id],
    )
    expect(rows).toEqual([{ actor: 'worker', user_id: company.member.userId }])
    expect(await usedBytes(world, company.id)).toBe(20)
    const again = await company.member.api.sharing.create.mutate({ fileId: files[0].id })
    expect((await download(again.url)).text).toBe('a,b\n1,2\n3,4\n')
  })

  test('takes as many files as it may, also when many come at once; the others leave nothing', async ({
    world,
    desk,
  }) => {
    const { url, folderId } = await inbox(desk, { maxUses: 4 })
    const answers = await Promise.all(Array.from({ length: 15 }, (_, n) => sendThrough(url, { filename: `${n}.csv` })))
    const [taken, others] = [
      answers.slice().filter(({ status }) => status === 201),
      answers.filter(({ status }) => status !== 201),
    ]
    expect([taken.length, others.length]).toEqual([4, 11])
    // Whoever comes while all of its uses are being taken is told so; it opens no more once they are.
    for (const { status } of others) expect([404, 409]).toContain(status)
    expect(await filesIn(world, folderId)).toHaveLength(4)
    expect(await usedBytes(world, desk.company.id)).toBe(4 * 8)
    expect((await visit(url)).status).toBe(404)
  })

  test('gives a place back that could not be given back at once', async ({ world, desk }) => {
    const { url } = await inbox(desk, { maxUses: 1 })
    const { owner } = world.stack
    const html = { type: 'text/csv', content: '<!doctype html><html><body>no table</body></html>' }
    await owner.query('revoke execute on function app.abandon_upload(uuid) from studios_worker')
    try {
      expect((await sendThrough(url, html)).status).toBe(415)
      expect((await sendThrough(url)).status).toBe(409)
    } finally {
      await owner.query('grant execute on function app.abandon_upload(uuid) to studios_worker')
    }
    await expect.poll(async () => (await sendThrough(url)).status, { timeout: 20_000, interval: 200 }).toBe(201)
  })

  test('keeps room for as many files as it may still take, and gives a place back that was not used', async ({
    world,
    desk,
  }) => {
    const { url } = await inbox(desk, { maxUses: 1 })
    const first = slowly(url)
    await becomes(world, desk, { uploading: 1, usedBytes: 8 })
    const refused = await sendThrough(url)
    expect([refused.status, JSON.parse(refused.text).message]).toEqual([
      409,
      expect.stringMatching(/^As many files .* again shortly\.$/),
    ])
    expect(await usedBytes(world, desk.company.id)).toBe(8)
    first.hangUp()
    await becomes(world, desk, { uploading: 0, usedBytes: 0 })
    expect((await sendThrough(url)).status).toBe(201)
    expect((await sendThrough(url)).status).toBe(404)
  })

  test('takes five files at once however many it may take, and no other link waits for it', async ({ world, desk }) => {
    const [{ url }, other] = [await inbox(desk), await inbox({ ...desk, folder: () => desk.folder('Other') })]
    const sending = Array.from({ length: 8 }, () => slowly(url))
    await becomes(world, desk, { uploading: 5, usedBytes: 5 * 8 })
    expect([(await sendThrough(url)).status, (await sendThrough(other.url)).status]).toEqual([409, 201])
    const answers: (number | undefined)[] = []
    for (const { status } of sending) void status.then((one) => answers.push(one))
    await vi.waitFor(() => expect(answers).toEqual([409, 409, 409]), { timeout: 10_000 })
    for (const { end } of sending) end()
    await Promise.all(sending.map(({ status }) => status))
    expect(answers).toEqual([...Array(3).fill(409), ...Array(5).fill(201)])
    expect((await sendThrough(url)).status).toBe(201)
  })

  test('refuses what members may not upload either, and counts no use for it', async ({ world, desk }) => {
    const { url, folderId } = await inbox(desk, { maxUses: 1 })
    const refused = async (sent: Parameters<typeof sendThrough>[1]) => {
      const { status, text } = await sendThrough(url, sent)
      return [status, JSON.parse(text).code]
    }
    expect(await refused({ content: '' })).toEqual([400, 'BAD_REQUEST'])
    expect(await refused({ filename: '../../etc/passwd' })).toEqual([400, 'BAD_REQUEST'])
    expect(
      await refused({ content: '<html><script>1</script></html>', filename: 'x.html', type: 'text/html' }),
    ).toEqual([...[415, 'UNSUPPORTED_MEDIA_TYPE']])
    expect(await refused({ content: '%PDF-1.7 not a table' })).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
    const plain = await visit(`${url}/files`, { method: 'POST', body: 'text' })
    expect(plain.status).toBe(415)
    const page = await sendThrough(url, { content: '', json: false })
    expect([page.status, page.text.includes('The file is empty')]).toEqual([400, true])
    expect(await filesIn(world, folderId)).toEqual([])
    expect(await usedBytes(world, desk.company.id)).toBe(0)
    expect((await sendThrough(url)).status).toBe(201)
  })

  test('says that there is no room without saying how full the company’s storage is', async ({ world, desk }) => {
    const { url, folderId } = await inbox(desk)
    const limit = 'insert into company_limits (company_id, max_storage_bytes) values ($1, 4)'
    await world.stack.owner.query(limit, [desk.company.id])
    const { text } = await sendThrough(url)
    expect(JSON.parse(text)).toMatchObject({ code: 'QUOTA_EXCEEDED', message: expect.stringContaining('no room') })
    expect(text).not.toMatch(/bytes|plan|company/)
    expect(await filesIn(world, folderId)).toEqual([])
  })

  test('asks for its password before the file', async ({ world, desk }) => {
    const { url, folderId } = await inbox(desk, { password: 'correct horse', maxUses: 1 })
    expect((await visit(url, { json: false })).text).toMatch(/type="password".*type="file"/s)
    expect((await sendThrough(url)).status).toBe(401)
    const wrong = await sendThrough(url, { password: 'battery staple', json: false })
    expect([wrong.status, wrong.text.includes('This is not the password')]).toEqual([401, true])
    expect(wrong.text).toContain('action="files"')
    expect(await filesIn(world, folderId)).toEqual([])
    expect((await sendThrough(url, { password: 'correct horse' })).status).toBe(201)
  })

  test('takes nothing once it is revoked, its maker only looks on, or the folder is away', async ({ world, desk }) => {
    const { company, studioId } = desk
    const key = { companyId: company.id, userId: company.member.userId }
    const [revoked, open] = [await inbox({ ...desk, folder: () => desk.folder('One') }), await inbox(desk)]
    const statuses = async (url: string) => [(await visit(url)).status, (await sendThrough(url)).status]
    await company.admin.api.sharing.revoke.mutate({ shareId: revoked.share.id })
    expect(await statuses(revoked.url)).toEqual([404, 404])
    await company.admin.api.companies.members.changeRole.mutate({ ...key, role: 'viewer' })
    expect(await statuses(open.url)).toEqual([404, 404])
    await company.admin.api.companies.members.changeRole.mutate({ ...key, role: 'member' })
    const { owner } = world.stack
    await owner.query('update folders set deleted_at = now() where id = $1', [open.folderId])
    expect(await statuses(open.url)).toEqual([404, 404])
    await owner.query('update folders set deleted_at = null where id = $1', [open.folderId])
    expect(await statuses(open.url)).toEqual([200, 201])
    await company.admin.api.studios.archive.mutate({ studioId })
    expect(await statuses(open.url)).toEqual([404, 404])
    expect(await filesIn(world, open.folderId)).toHaveLength(1)
  })

  test('is no way to a file’s link, nor a file’s link into a folder', async ({ desk }) => {
    const { id: fileId } = await desk.keep()
    const { url } = await desk.company.member.api.sharing.create.mutate({ fileId })
    expect((await sendThrough(url)).status).toBe(404)
  })
})
