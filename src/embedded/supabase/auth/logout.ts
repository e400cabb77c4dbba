import { writeAudit } from './audit.ts'
import { requireUser } from './bearer.ts'
import type { Auth, Call } from './context.ts'
import { fail } from './errors.ts'
import { deleteSessions, type LogoutScope } from './sessions.ts'

const scopes: readonly string[] = ['global', 'local', 'others'] satisfies LogoutScope[]

export async function signOut(auth: Auth, call: Call, scope = 'global'): Promise<void> {
  const { user, sessionId } = await requireUser(auth, call)
  if (!isScope(scope)) fail(400, 'validation_failed', `Unsupported logout scope "${scope.slice(0, 50)}"`)
  await auth.db.transaction(async (tx) => {
    await deleteSessions(tx, user.id, scope, sessionId)
    await writeAudit({ auth, call, db: tx }, user, 'logout', { scope })
  })
}

function isScope(scope: string): scope is LogoutScope {
  return scopes.includes(scope)
}
