import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from '@supabase/supabase-js'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createStudiosClient } from '../src/client.ts'
import { freePort } from '../src/embedded/postgres.ts'
import { compileCache } from './support/compile-cache.ts'

const root = resolve(import.meta.dirname, '..')

interface Running {
  process: ChildProcess
  output(): string
  ended: Promise<number | null>
}

describe('the server', () => {
  let folder: string
  let variables: Record<string, string>

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'studios-server-'))
    chmodSync(folder, 0o711)
    const [api, auth, engine] = await Promise.all([freePort(), freePort(), freePort()])
    variables = {
      DATA_DIR: folder,
      LOG_LEVEL: 'warn',
      PORT: String(api),
      EMBEDDED_SUPABASE_PORT: String(auth),
      EMBEDDED_ACTIVEPIECES_PORT: String(engine),
    }
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('starts from nothing, keeps its data over a kill and a restart, and leaves nothing behind', async () => {
    const first = await startServer(variables)
    const companyId = await registerAsDemoUser(first.output())
    const second = launch({ ...variables, DATA_DIR: `${folder}-other` })
    expect(await second.ended).toBe(1)
    expect(second.output().trim()).toMatch(/^Port \d+ on 127\.0\.0\.1 is taken; .*$/)

    first.process.kill('SIGKILL')
    await first.ended
    await until(() => processesOn(folder).length === 0)

    const third = await startServer(variables)
    const api = await signedIn(third.output())
    expect((await api.companies.list.query({})).items.map((company) => company.id)).toEqual([companyId])
    third.process.kill('SIGINT')
    expect(await third.ended).toBe(0)
    expect(processesOn(folder)).toEqual([])
    expect(existsSync(join(folder, 'running.pid'))).toBe(false)
  }, 180_000)

  test('names every fault of the configuration at once', async () => {
    const { ended, output } = launch({ PORT: 'many', LOG_LEVEL: 'loud', DATABASE_URL: 'mysql://nowhere' })
    expect(await ended).toBe(1)
    for (const name of ['PORT', 'LOG_LEVEL', 'DATABASE_URL'])
      expect(output()).toMatch(new RegExp(`^ {2}${name}: `, 'm'))
  })
})

function launch(variables: Record<string, string>): Running {
  const child = spawn(process.execPath, ['src/server.ts'], {
    cwd: root,
    env: { ...compileCache, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk))
  const ended = new Promise<number | null>((done) => child.once('exit', (code) => done(code)))
  return { process: child, output: () => text, ended }
}

async function startServer(variables: Record<string, string>): Promise<Running> {
  const running = launch(variables)
  const fate = running.ended.then(() => 'ended')
  await until(async () => /Data in/.test(running.output()) || (await Promise.race([fate, delay(20)])) === 'ended')
  if (!/Data in/.test(running.output())) throw new Error(`the server did not start: ${running.output()}`)
  return running
}

async function registerAsDemoUser(output: string): Promise<string> {
  const api = await signedIn(output)
  const company = await api.companies.create.mutate({
    name: 'Kept Company',
    industryType: 'other',
    contactEmail: 'office@example.com',
    headquartersAddress: '1 Example Street, Sampleton',
  })
  return company.id
}

/** Signs in with what the server printed, as a new user would. */
async function signedIn(output: string) {
  const [, url = ''] = output.match(/API +(http\S+)\/api\/v1/) ?? []
  const [, authUrl = '', key = ''] = output.match(/Sign-in +(http\S+)\/auth\/v1 +apikey: (\S+)/) ?? []
  const [, email = '', password = ''] = output.match(/Demo user +(\S+) +password: (\S+)/) ?? []
  expect((await fetch(`${url}/health/ready`)).status).toBe(200)
  const { auth } = createClient(authUrl, key, { auth: { persistSession: false, autoRefreshToken: false } })
  const { data, error } = await auth.signInWithPassword({ email, password })
  if (error) throw error
  return createStudiosClient({ url, accessToken: () => data.session.access_token })
}

function processesOn(folder: string): string[] {
  const list = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
  return list.split('\n').filter((line) => line.includes(folder))
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error('it did not come about in 60 s')
    await delay(20)
  }
}
