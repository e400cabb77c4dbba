import { type Engine, EngineRefused } from '../services/workflows/engine.ts'
import { expectAnswer } from './http.ts'
import { populatedFlow } from './schemas.ts'
import type { EngineSession } from './session.ts'

type Flow = Parameters<Engine['publish']>[0]

export async function isEnabled(session: EngineSession, flowId: string): Promise<boolean> {
  const answer = await session.send({ method: 'GET', path: `/flows/${flowId}` })
  if (answer.status === 404) return false
  return expectAnswer(answer, populatedFlow, 'a look at the flow').status === 'ENABLED'
}

export async function publishFlow(session: EngineSession, flow: Flow, known: string | undefined): Promise<string> {
  if (known !== undefined && (await isThere(session, known))) {
    await fillFlow(session, known, flow)
    return known
  }
  const made = await createFlow(session, flow.displayName)
  try {
    await fillFlow(session, made, flow)
    return made
  } catch (error) {
    // Nobody will know of it: what was not published must not stay.
    await session.send({ method: 'DELETE', path: `/flows/${made}` }).catch(() => undefined)
    throw error
  }
}

async function fillFlow(session: EngineSession, id: string, flow: Flow): Promise<void> {
  const operate = async (type: string, request: object) => {
    const answer = await session.send({ method: 'POST', path: `/flows/${id}`, body: { type, request } })
    return expectAnswer(answer, populatedFlow, `the operation ${type}`)
  }
  const imported = await operate('IMPORT_FLOW', { ...flow, notes: null })
  if (imported.version?.valid !== true)
    throw new EngineRefused(`The engine does not find the flow ${flow.displayName} valid.`)
  const published = await operate('LOCK_AND_PUBLISH', {})
  if (published.status !== 'ENABLED')
    throw new EngineRefused(`The engine did not switch the flow ${flow.displayName} on.`)
}

async function isThere(session: EngineSession, flowId: string): Promise<boolean> {
  const answer = await session.send({ method: 'GET', path: `/flows/${flowId}` })
  if (answer.status === 404) return false
  expectAnswer(answer, populatedFlow, 'a look at the flow')
  return true
}

async function createFlow(session: EngineSession, displayName: string): Promise<string> {
  const body = { displayName, projectId: await session.projectId() }
  return expectAnswer(await session.send({ method: 'POST', path: '/flows', body }), populatedFlow, 'a new flow').id
}
