import { z } from 'zod'

/** What a client has to know before anybody is signed in. The publishable key is public by design. */
export const systemInfo = z.object({
  name: z.literal('Studios AI'),
  version: z.string(),
  auth: z.object({
    url: z.string().describe('Address for supabase-js; the Auth interface is below /auth/v1.'),
    publishableKey: z.string(),
  }),
})
export type SystemInfo = z.infer<typeof systemInfo>
