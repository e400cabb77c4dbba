import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ConfigError, environment, readEnvironment } from '../src/config.ts'

function faultsOf(variables: Record<string, string>): string[] {
  try {
    readEnvironment(variables)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

const names = (faults: string[]) => new Set(faults.map((fault) => fault.split(':', 1)[0]))
const database = 'postgres://studios_api:secret@db.example.com:5432/postgres'
const connected = {
  DATABASE_URL: database,
  WORKER_DATABASE_URL: database.replace('api', 'worker'),
  SCOPE_KEY: '0'.repeat(64),
  SUPABASE_URL: 'https://project.supabase.co/',
  SUPABASE_PUBLISHABLE_KEY: 'sb_publishable_example',
  SUPABASE_SECRET_KEY: 'sb_secret_example',
  ACTIVEPIECES_URL: 'https://flows.example.com',
  ACTIVEPIECES_EMAIL: 'engine@example.com',
  ACTIVEPIECES_PASSWORD: 'Correct-Horse-1',
  ACTIVEPIECES_WEBHOOK_SECRET: 'a-secret-of-sixteen',
}

describe('the configuration', () => {
  test('needs nothing at all: everything is embedded', () => {
    const { DATABASE_URL, ...env } = readEnvironment({})
    expect(env).toMatchObject({ PORT: 3000, ROLE: 'all', CORS_ORIGINS: [] })
    expect(DATABASE_URL).toBeUndefined()
  })

  test('takes an empty variable for one that is not set', () => {
    expect(readEnvironment({ PORT: '', DATABASE_URL: '' })).toEqual(readEnvironment({}))
  })

  test('lists all faults at once, each with its variable', () => {
    const wrong = {
      PORT: '99999',
      ROLE: 'boss',
      TRUST_PROXY: 'maybe',
      OWNER_DATABASE_URL: 'mysql://db',
      SCOPE_KEY: 'short',
      PUBLIC_URL: 'ftp://example.com',
      LOG_LEVEL: 'loud',
      REQUESTS_PER_MINUTE_PER_USER: '0',
    }
    expect(names(faultsOf(wrong))).toEqual(new Set(Object.keys(wrong)))
    expect(() => readEnvironment(wrong)).toThrow(/^The configuration has faults:\n {2}PORT: .*\n {2}PUBLIC_URL: /)
  })

  test('tells of faults of form and of settings that are missing in the same list', () => {
    const faults = faultsOf({ PORT: 'many', DATABASE_URL: database })
    expect(names(faults)).toEqual(new Set(['PORT', 'WORKER_DATABASE_URL', 'SCOPE_KEY', 'SUPABASE_URL']))
  })

  test('shows no secret in a fault', () => {
    const faults = faultsOf({ ...connected, SCOPE_KEY: 'my-secret-key', DATABASE_URL: 'postgres//user:hunter2@db' })
    expect(faults.join()).not.toMatch(/my-secret-key|hunter2/)
  })
})

describe('connected services', () => {
  test('are taken when they are named whole, without slashes at the end', () => {
    expect(faultsOf(connected)).toEqual([])
    expect(readEnvironment(connected).SUPABASE_URL).toBe('https://project.supabase.co')
  })

  const lacking = [
    ['DATABASE_URL', ['DATABASE_URL']],
    ['WORKER_DATABASE_URL', ['WORKER_DATABASE_URL']],
    ['SCOPE_KEY', ['SCOPE_KEY']],
    ['SUPABASE_URL', ['SUPABASE_URL']],
    ['SUPABASE_PUBLISHABLE_KEY', ['SUPABASE_PUBLISHABLE_KEY']],
    ['SUPABASE_SECRET_KEY', ['SUPABASE_SECRET_KEY']],
    ['ACTIVEPIECES_PASSWORD', ['ACTIVEPIECES_API_KEY']],
    ['ACTIVEPIECES_WEBHOOK_SECRET', ['ACTIVEPIECES_WEBHOOK_SECRET']],
  ] as const

  test.for(lacking)('are refused without %s', ([name, told]) => {
    expect([...names(faultsOf({ ...connected, [name]: '' }))]).toEqual(told)
  })

  test('need the project along with an API key of the engine', () => {
    const { ACTIVEPIECES_EMAIL: _, ACTIVEPIECES_PASSWORD: __, ...others } = connected
    expect([...names(faultsOf({ ...others, ACTIVEPIECES_API_KEY: 'sk-example' }))]).toEqual(['ACTIVEPIECES_PROJECT_ID'])
    const project = { ACTIVEPIECES_API_KEY: 'sk-example', ACTIVEPIECES_PROJECT_ID: 'a'.repeat(21) }
    expect(faultsOf({ ...others, ...project })).toEqual([])
  })

  test('are not reached through a transaction-mode pooler', () => {
    for (const name of ['DATABASE_URL', 'WORKER_DATABASE_URL', 'OWNER_DATABASE_URL']) {
      const [fault, ...rest] = faultsOf({ ...connected, [name]: database.replace('5432', '6543') })
      expect(fault).toMatch(new RegExp(`^${name}: .*pooler.*5432`))
      expect(rest).toEqual([])
    }
  })
})

describe('.env.example', () => {
  const lines = readFileSync(new URL('../.env.example', import.meta.url), 'utf8')
    .trim()
    .split('\n')
  const variables = lines.flatMap((line, index) => {
    const [, name] = line.match(/^#?([A-Z][A-Z0-9_]*)=/) ?? []
    return name ? [{ name, comment: lines[index - 1] ?? '' }] : []
  })

  test('holds every variable once and no other', () => {
    expect(variables.map(({ name }) => name)).toEqual(Object.keys(environment.shape))
  })

  test('says of each in one line what it is for', () => {
    for (const { name, comment } of variables)
      expect([name, comment]).toEqual([name, expect.stringMatching(/^# \S.{10,}/)])
    const comments = lines.filter((line) => line.startsWith('# '))
    expect(new Set(comments).size).toBe(variables.length)
  })

  test('can be used as it is', () => {
    const given = lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split(/=(.*)/s, 2))
    expect(faultsOf(Object.fromEntries(given))).toEqual([])
  })
})
