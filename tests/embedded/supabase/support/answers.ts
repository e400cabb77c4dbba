import { z } from 'zod'

const user = z.looseObject({
  id: z.string(),
  role: z.string(),
  email: z.string(),
  confirmed_at: z.string().optional(),
  email_confirmed_at: z.string().optional(),
  user_metadata: z.record(z.string(), z.unknown()),
  identities: z.array(z.looseObject({ identity_id: z.string() })),
})
const session = z.looseObject({
  access_token: z.string(),
  token_type: z.string(),
  expires_in: z.number(),
  expires_at: z.number(),
  refresh_token: z.string(),
  user,
})
const failure = z.looseObject({ code: z.number(), error_code: z.string(), msg: z.string() })

/** What a raw request got, read as the shape the test expects; anything else fails the test. */
export const readUser = async (response: Response) => user.parse(await response.json())
export const readSession = async (response: Response) => session.parse(await response.json())
export const readFailure = async (response: Response) => failure.parse(await response.json())

export const sorted = (texts: Iterable<string>) => [...texts].sort((a, b) => (a < b ? -1 : 1))
