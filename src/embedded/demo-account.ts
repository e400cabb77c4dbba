import { createClient } from '@supabase/supabase-js'
import type { EmbeddedStack } from './stack.ts'

const email = 'demo@studios.localhost'

/** Opens the demo user of an embedded installation, unless it is there. */
export async function ensureDemoAccount({
  connections,
  secrets,
}: EmbeddedStack): Promise<{ email: string; password: string }> {
  const { supabase } = connections
  if (!supabase) throw new Error('The demo user lives only in the embedded Auth.')
  const client = createClient(supabase.url, secrets.supabase.secretKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  })
  const account = { email, password: secrets.demoPassword }
  const { error } = await client.auth.admin.createUser({
    ...account,
    email_confirm: true,
    user_metadata: { full_name: 'Demo User' },
  })
  if (error && error.code !== 'email_exists') throw error
  return account
}
