import { z } from 'zod'
import { startSupabase } from '../../../../../src/embedded/supabase/index.ts'

// A server in a process of its own, for tests that kill it. Takes its options as JSON; prints its address.
const options = z.object({
  databaseUrl: z.string(),
  storageDatabaseUrl: z.string(),
  dataDir: z.string(),
  keys: z.object({
    signingKeys: z.array(z.record(z.string(), z.unknown())),
    publishableKey: z.string(),
    secretKey: z.string(),
  }),
  storageSettings: z.object({ checkpointBytes: z.number() }),
})

const { url } = await startSupabase(options.parse(JSON.parse(process.argv[2] ?? '')))
process.stdout.write(`${url}\n`)
