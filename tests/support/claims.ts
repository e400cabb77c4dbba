import { decodeJwt } from 'jose'
import { openDatabase } from '../../src/db/client.ts'
import type { ScopeClaims } from '../../src/db/scope.ts'
import type { TestStack } from './stack.ts'
import type { Person } from './world.ts'

/** What the API makes of a person's token. */
export function claimsOf({ accessToken }: Person): ScopeClaims {
  const { sub = '', exp = 0, session_id } = decodeJwt(accessToken)
  return { userId: sub, sessionId: String(session_id), expiresAt: exp }
}

/** The API's two ways into the database of a stack: as `studios_api` in the caller's scope, and vouched for under the worker's login. */
export function databasesOf({ connections }: TestStack) {
  const { apiUrl, workerUrl, scopeKey } = connections.database
  const open = (url: string) => openDatabase({ url, maxConnections: 2, scopeKey, onConnectionError: () => undefined })
  const [api, worker] = [open(apiUrl), open(workerUrl)]
  return { api, worker, close: async () => void (await Promise.all([api.close(), worker.close()])) }
}
