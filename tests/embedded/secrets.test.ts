import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConfigError, readEnvironment } from '../../src/config.ts'
import { loadSecrets, withGivenKeys } from '../../src/embedded/secrets.ts'

describe('the secrets of an embedded installation', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'studios-secrets-'))
  })

  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test('are made at the first start, kept, and readable by their owner only', async () => {
    const made = await loadSecrets(folder)
    expect(await loadSecrets(folder)).toEqual(made)
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600)
    expect(made.scopeKey).toMatch(/^[0-9a-f]{64}$/)
    expect(new Set(Object.values(JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8')))).size).toBeGreaterThan(
      8,
    )
  })

  test('that are older than Storage get a password for it, and keep all else', async () => {
    const { storagePassword: _, ...older } = await loadSecrets(folder)
    const file = join(folder, 'secrets.json')
    writeFileSync(file, JSON.stringify(older), { mode: 0o600 })
    const completed = await loadSecrets(folder)
    expect(completed).toEqual({ ...older, storagePassword: expect.stringMatching(/^[0-9a-f]{32}$/) })
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(completed)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await loadSecrets(folder)).toEqual(completed)
  })

  test('that are damaged are not made anew', async () => {
    const { vaultKey: _, ...damaged } = await loadSecrets(folder)
    const file = join(folder, 'secrets.json')
    writeFileSync(file, JSON.stringify(damaged))
    await expect(loadSecrets(folder)).rejects.toThrow(/vaultKey/)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(damaged)
  })

  test('give way to the keys that the environment brings', async () => {
    const made = await loadSecrets(folder)
    const [other] = (await loadSecrets(mkdtempSync(join(folder, 'other-')))).supabase.signingKeys
    const env = readEnvironment({
      AUTH_SIGNING_KEYS: JSON.stringify([other]),
      AUTH_PUBLISHABLE_KEY: 'sb_publishable_given_by_the_test',
    })
    const { supabase } = withGivenKeys(made, env)
    expect(supabase).toEqual({
      ...made.supabase,
      signingKeys: [other],
      publishableKey: 'sb_publishable_given_by_the_test',
    })
  })

  test.each(['{', '[]', '[{"kty":"oct","kid":"a","key_ops":["sign"]}]', '{"kty":"EC"}'])(
    'refuse the signing keys %s',
    (text) => {
      expect(() => readEnvironment({ AUTH_SIGNING_KEYS: text })).toThrow(ConfigError)
    },
  )
})
