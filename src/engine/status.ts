import { z } from 'zod'
import type { EngineStatusReport } from '../services/workflows/engine.ts'
import { EngineUnavailable } from '../services/workflows/engine.ts'
import { expectAnswer, type SendToEngine } from './http.ts'
import { flags, health, projectPage } from './schemas.ts'
import type { EngineSession } from './session.ts'

type Told = Partial<Omit<EngineStatusReport, 'breaker'>>

/** Asks the engine for its version and limits, its health, and the account for its projects. */
export async function engineStatus(
  http: SendToEngine,
  session: EngineSession,
  breaker: () => EngineStatusReport['breaker'],
): Promise<EngineStatusReport> {
  const settings = await told(() => settingsOf(http))
  // What does not even tell its settings is not asked for more.
  const rest = settings.problem ? [] : [await told(() => healthOf(http)), await told(() => accountOf(session))]
  const problem = [settings, ...rest].find((part) => part.problem)?.problem
  return { ...unknown, ...Object.assign({}, settings, ...rest), problem, breaker: breaker() }
}

async function told(ask: () => Promise<Told>): Promise<Told> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof EngineUnavailable) return { problem: error.message }
    throw error
  }
}

const unknown = {
  isHealthy: false,
  problem: undefined,
  version: undefined,
  edition: undefined,
  limits: { flowSeconds: undefined, payloadMegabytes: undefined, fileMegabytes: undefined, retentionDays: undefined },
  isAccountAccepted: false,
  projectId: undefined,
} satisfies Omit<EngineStatusReport, 'breaker'>

async function settingsOf(http: SendToEngine): Promise<Told> {
  const told = expectAnswer(await http({ method: 'GET', path: '/flags' }), flags, 'the look at its settings')
  return {
    version: told.CURRENT_VERSION ?? undefined,
    edition: told.EDITION ?? undefined,
    limits: {
      flowSeconds: told.FLOW_RUN_TIME_SECONDS ?? undefined,
      payloadMegabytes: told.MAX_WEBHOOK_PAYLOAD_SIZE_MB ?? undefined,
      fileMegabytes: told.MAX_FILE_SIZE_MB ?? undefined,
      retentionDays: told.EXECUTION_DATA_RETENTION_DAYS ?? undefined,
    },
  }
}

async function healthOf(http: SendToEngine): Promise<Told> {
  const answer = await http({ method: 'GET', path: '/health' })
  const told = health.safeParse(answer.body).data?.status
  if (answer.status === 200 && told === 'Healthy') return { isHealthy: true }
  return { problem: `The engine says that it is ${told ?? 'not well'}.` }
}

async function accountOf(session: EngineSession): Promise<Told> {
  const projectId = await session.projectId()
  const answer = await session.send({ method: 'GET', path: '/projects' })
  const { data } = expectAnswer(answer, projectPage, 'the list of projects')
  if (data.some(({ id }) => id === projectId)) return { isAccountAccepted: true, projectId }
  const one = await session.send({ method: 'GET', path: `/projects/${encodeURIComponent(projectId)}` })
  if (one.status === 404 || one.status === 400)
    return { problem: `The account has no project ${projectId} at the engine.` }
  expectAnswer(one, z.unknown(), 'a look at the project')
  return { isAccountAccepted: true, projectId }
}
