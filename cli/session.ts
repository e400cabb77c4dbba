import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { createStudiosClient, type StudiosClient } from '../src/client.ts'
import { cliSettings } from './settings.ts'

export interface CliSession {
  api: StudiosClient
  auth: SupabaseClient['auth']
}

/** The API and the sign-in of the server that STUDIOS_URL names; a kept session is refreshed by itself. */
export async function openSession(settings = cliSettings()): Promise<CliSession> {
  const anonymous = createStudiosClient({ url: settings.url })
  const info = await anonymous.system.info.query()
  const { auth } = createClient(info.auth.url, info.auth.publishableKey, {
    auth: {
      storage: fileStorage(settings.sessionFile),
      persistSession: true,
      autoRefreshToken: false,
      detectSessionInUrl: false,
    },
  })
  const accessToken = async () => (await auth.getSession()).data.session?.access_token
  return { api: createStudiosClient({ url: settings.url, accessToken }), auth }
}

function fileStorage(file: string) {
  const read = (): Record<string, string> => {
    try {
      return JSON.parse(readFileSync(file, 'utf8'))
    } catch {
      return {}
    }
  }
  const write = (items: Record<string, string>) => {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(`${file}.new`, JSON.stringify(items), { mode: 0o600 })
    renameSync(`${file}.new`, file)
  }
  return {
    getItem: (key: string) => read()[key] ?? null,
    setItem: (key: string, value: string) => write({ ...read(), [key]: value }),
    removeItem: (key: string) => {
      const { [key]: _, ...rest } = read()
      if (Object.keys(rest).length === 0) rmSync(file, { force: true })
      else write(rest)
    },
  }
}
