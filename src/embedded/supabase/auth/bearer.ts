import type { JWTPayload } from 'jose'
import { z } from 'zod'
import type { Auth, Call } from './context.ts'
import { fail } from './errors.ts'
import { isBanned, type User, userColumns } from './users.ts'

export interface SignedIn {
  user: User
  sessionId: string | null
  /** When this session began. */
  since: Date | null
}

interface Found {
  user: User | undefined
  session: { id: string; created_at: Date } | undefined
}

const uuid = z.guid()
const adminRoles = ['service_role', 'supabase_admin']

/** The person behind a request: a genuine token, a user who exists, a session that nobody ended. */
export async function requireUser(auth: Auth, call: Call): Promise<SignedIn> {
  const claims = await requireToken(auth, call)
  if (!claims.sub) fail(403, 'bad_jwt', 'invalid claim: missing sub claim')
  if (!uuid.safeParse(claims.sub).success) fail(400, 'bad_jwt', 'invalid claim: sub claim must be a UUID')
  const sessionId = sessionOf(claims)
  const { user, session } = await load(auth, claims.sub, sessionId)
  if (!user) fail(403, 'user_not_found', 'User from sub claim in JWT does not exist')
  if (sessionId !== null && !session) {
    fail(403, 'session_not_found', 'Session from session_id claim in JWT does not exist')
  }
  if (isBanned(user, auth.now())) fail(403, 'user_banned', 'User is banned')
  return { user, sessionId, since: session?.created_at ?? null }
}

export async function requireAdmin(auth: Auth, call: Call): Promise<void> {
  const claims = await requireToken(auth, call)
  if (!adminRoles.includes(String(claims['role']))) fail(403, 'not_admin', 'User not allowed')
}

async function requireToken(auth: Auth, call: Call): Promise<JWTPayload> {
  const [, token] = /^bearer (\S+)$/i.exec(call.authorization ?? '') ?? []
  if (!token) fail(401, 'no_authorization', 'This endpoint requires a valid Bearer token')
  return await auth.keys.verify(token, auth.now()).catch((error: Error) => {
    fail(403, 'bad_jwt', `invalid JWT: unable to parse or verify signature, ${error.message}`)
  })
}

function sessionOf(claims: JWTPayload): string | null {
  const id = claims['session_id']
  if (id === undefined || id === '') return null
  if (!uuid.safeParse(id).success) fail(403, 'bad_jwt', 'invalid claim: session_id claim must be a UUID')
  return String(id)
}

async function load(auth: Auth, userId: string, sessionId: string | null): Promise<Found> {
  const text = `select ${userColumns}, s.id as session_id, s.created_at as session_created_at
    from auth.users u left join auth.sessions s on s.id = $2 and s.user_id = u.id
    where u.id = $1 and u.deleted_at is null`
  const [row] = await auth.db.query<User & { session_id: string | null; session_created_at: Date }>(text, [
    userId,
    sessionId,
  ])
  if (!row) return { user: undefined, session: undefined }
  const { session_id, session_created_at, ...user } = row
  return { user, session: session_id ? { id: session_id, created_at: session_created_at } : undefined }
}
