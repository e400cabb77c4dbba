import { EngineUnavailable } from '../services/workflows/engine.ts'
import { NotSent } from './failures.ts'
import { type EngineRequest, type EngineResponse, expectAnswer, type SendToEngine } from './http.ts'
import { projectPage, session } from './schemas.ts'

export type EngineAccount =
  | { apiKey: string; projectId: string }
  | { email: string; password: string; projectId?: string | undefined }

export interface EngineSession {
  send(request: EngineRequest): Promise<EngineResponse>
  projectId(): Promise<string>
}

/** The engine allows few sign-ins a minute: one that it refused is not tried again before this has passed. */
const refusalMs = 10_000

/**
 * Speaks for one account. A community edition has no API keys: its token is kept for the seven days it lives, and a new
 * one is asked for only when it is refused (ACTIVEPIECES.md, section 3).
 */
export function engineSession(http: SendToEngine, account: EngineAccount): EngineSession {
  if ('apiKey' in account) {
    return { send: (request) => http({ ...request, token: account.apiKey }), projectId: async () => account.projectId }
  }
  let current: Promise<{ token: string; projectId: string }> | undefined
  let refusedUntil = 0
  const signedIn = () => {
    if (refusedUntil !== 0 && Date.now() > refusedUntil) {
      refusedUntil = 0
      current = undefined
    }
    current ??= signIn(http, account).catch((error: Error) => {
      if (error instanceof NotSent) current = undefined
      else refusedUntil = Date.now() + refusalMs
      // Whatever the sign-in was for has not been asked of the engine.
      throw new NotSent(error.message, { cause: error })
    })
    return current
  }
  return {
    projectId: async () => (await signedIn()).projectId,
    send: async (request) => {
      const used = signedIn()
      const first = await http({ ...request, token: (await used).token })
      if (!isRefused(first)) return first
      // Of several calls with one stale token the first asks for a new one.
      if (current === used) current = undefined
      return http({ ...request, token: (await signedIn()).token })
    },
  }
}

function isRefused({ status, body }: EngineResponse): boolean {
  return (
    status === 401 ||
    (status === 403 && typeof body === 'object' && body !== null && 'code' in body && body.code === 'SESSION_EXPIRED')
  )
}

async function signIn(http: SendToEngine, account: Exclude<EngineAccount, { apiKey: string }>) {
  const body = { email: account.email, password: account.password }
  const answer = await http({ method: 'POST', path: '/authentication/sign-in', body })
  if (answer.status === 401)
    throw new EngineUnavailable('The engine refused the account; check its e-mail address and its password.')
  const { token, projectId } = expectAnswer(answer, session, 'the sign-in')
  return { token, projectId: account.projectId ?? projectId ?? (await firstProject(http, token)) }
}

async function firstProject(http: SendToEngine, token: string): Promise<string> {
  const { data } = expectAnswer(
    await http({ method: 'GET', path: '/projects', token }),
    projectPage,
    'the list of projects',
  )
  const [project] = data
  if (!project)
    throw new EngineUnavailable('The account has no project at the engine; open one there and name it here.')
  return project.id
}
