import { describe, expect } from 'vitest'
import { type Desk, download, openings, test, visit } from '../support/sharing.ts'
import { unique, type World } from '../support/world.ts'

const password = 'correct horse'

async function locked({ company, keep }: Desk, fields: { maxUses?: number } = {}) {
  const { id: fileId } = await keep({ content: 'secret' })
  return company.member.api.sharing.create.mutate({ fileId, password, ...fields })
}

const wrong = () => `wrong-${unique()}`

/** Lets the time pass that a link rests. */
async function rest({ stack }: World, shareId: string, minutes: number) {
  const earlier = `update file_shares set failed_at = failed_at - make_interval(mins => $2) where id = $1`
  await stack.owner.query(earlier, [shareId, minutes])
}

describe('a link with a password', () => {
  test('asks for it, on the page and of programs, and opens with the right one', async ({ desk }) => {
    const { url } = await locked(desk)
    expect(JSON.parse((await visit(url)).text)).toMatchObject({ needsPassword: true })
    expect((await visit(url, { json: false })).text).toContain('<input id="password" name="password" type="password"')
    const without = await download(url)
    expect(without.status).toBe(401)
    expect(JSON.parse(without.text)).toMatchObject({
      code: 'UNAUTHORIZED',
      message: expect.stringContaining('needs a password'),
    })
    expect(await download(url, { password })).toMatchObject({ status: 200, text: 'secret' })
    expect(await download(url, { password, json: false })).toMatchObject({ status: 200, text: 'secret' })
  })

  test('is asked for again on the page after a wrong one, which is recorded', async ({ world, desk }) => {
    const { url, share } = await locked(desk)
    const program = await download(url, { password: wrong() })
    expect([program.status, JSON.parse(program.text).code]).toEqual([401, 'UNAUTHORIZED'])
    const page = await download(url, { password: wrong(), json: false })
    expect([page.status, page.headers.get('content-type')]).toEqual([401, 'text/html; charset=utf-8'])
    expect(page.text).toContain('<p role="alert">This is not the password of the link')
    // The page stands under …/download now, and its form leads there again.
    expect(page.text).toContain('<form method="post" action="download">')
    expect(await openings(world, share.id)).toMatchObject([
      { action: 'wrong_password', actor: 'link', ip_address: '127.0.0.1' },
      { action: 'wrong_password' },
    ])
  })

  test('does not tell of an unknown link, and reads no endless password', async ({ world, desk }) => {
    const unknown = await download(`${world.stack.url}/shared/${'x'.repeat(43)}`, { password })
    expect([unknown.status, JSON.parse(unknown.text).code]).toEqual([404, 'NOT_FOUND'])
    const { url } = await locked(desk)
    const long = await download(url, { password: 'x'.repeat(201) })
    expect(JSON.parse(long.text)).toMatchObject({ code: 'BAD_REQUEST', issues: [{ path: 'password' }] })
    const huge = await download(url, { password: 'x'.repeat(20_000), json: false })
    expect([huge.status, huge.headers.get('content-type')]).toEqual([413, 'text/html; charset=utf-8'])
    const headers = { 'content-type': 'application/json' }
    const odd = await visit(`${url}/download`, { method: 'POST', headers, body: '{"password":12}' })
    expect(JSON.parse(odd.text)).toMatchObject({ code: 'BAD_REQUEST', issues: [{ path: 'password' }] })
  })
})

describe('ten wrong passwords in a row', () => {
  test('make the link rest for fifteen minutes, for the right one, too', async ({ world, desk }) => {
    const { url, share } = await locked(desk)
    for (let n = 0; n < 10; n += 1) expect((await download(url, { password: wrong() })).status).toBe(401)
    const resting = await download(url, { password })
    expect([resting.status, JSON.parse(resting.text).code]).toEqual([429, 'TOO_MANY_REQUESTS'])
    const wait = Number(resting.headers.get('retry-after'))
    expect([wait > 840, wait <= 900]).toEqual([true, true])
    const page = await download(url, { password, json: false })
    expect([page.status, page.text.includes('rests for 15 minutes')]).toEqual([429, true])
    await rest(world, share.id, 14)
    expect((await download(url, { password })).status).toBe(429)
    await rest(world, share.id, 1)
    expect((await download(url, { password })).status).toBe(200)
  })

  test('are ten, also when many guess at once', async ({ world, desk }) => {
    const { url, share } = await locked(desk)
    const guesses = await Promise.all(Array.from({ length: 40 }, () => download(url, { password: wrong() })))
    const statuses = guesses.map(({ status }) => status).toSorted()
    expect(statuses).toEqual([...Array(10).fill(401), ...Array(30).fill(429)])
    expect(await openings(world, share.id)).toHaveLength(10)
    await rest(world, share.id, 15)
    const again = await Promise.all(Array.from({ length: 12 }, () => download(url, { password: wrong() })))
    expect(again.map(({ status }) => status).toSorted()).toEqual([...Array(10).fill(401), 429, 429])
  })

  test('are counted from the last right one', async ({ desk }) => {
    const { url } = await locked(desk)
    for (const round of [1, 2]) {
      for (let n = 0; n < 9; n += 1)
        expect([round, (await download(url, { password: wrong() })).status]).toEqual([round, 401])
      expect((await download(url, { password })).status).toBe(200)
    }
  })

  test('are not reached by right ones, however many come at once', async ({ desk }) => {
    const { url } = await locked(desk, { maxUses: 12 })
    const answers = await Promise.all(Array.from({ length: 30 }, () => download(url, { password })))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array(12).fill(200), ...Array(18).fill(404)])
  })

  test('do not hold up another link to the same file', async ({ desk: { company, keep } }) => {
    const { id: fileId } = await keep()
    const make = () => company.member.api.sharing.create.mutate({ fileId, password })
    const [one, two] = [await make(), await make()]
    await Promise.all(Array.from({ length: 11 }, () => download(one.url, { password: wrong() })))
    expect((await download(one.url, { password })).status).toBe(429)
    expect((await download(two.url, { password })).status).toBe(200)
  })
})
