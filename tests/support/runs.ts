import type { Execution, ExecutionEvent, ExecutionStatus } from '../../src/contracts/executions.ts'
import { publishWorkflow, type TestWorkflow } from './flows.ts'
import { type Person, unique, type World } from './world.ts'

/** A person with a company, a studio and a workflow of the test's own. */
export async function readyToRun(world: World, workflow: TestWorkflow) {
  const person = await world.signUp()
  const { id: companyId } = await person.api.companies.create.mutate({
    name: `Company ${unique()}`,
    industryType: 'other',
    contactEmail: 'office@example.com',
    headquartersAddress: '1 Example Street, Sampleton',
  })
  const studio = await world.studio(person, companyId)
  const slug = await publishWorkflow(world.stack, workflow)
  const { id: templateId } = await person.api.catalog.byId.query({ templateId: slug })
  const start = async (input: Record<string, unknown> = {}) =>
    (await person.api.executions.start.mutate({ studioId: studio.id, templateId, input })).execution.id
  return { person, companyId, studioId: studio.id, templateId, start }
}

/** All events of a run as a watcher gets them, until it has ended. */
export function watchToEnd(person: Person, executionId: string, lastEventId?: string): Promise<ExecutionEvent[]> {
  const events: ExecutionEvent[] = []
  return new Promise((done, fail) => {
    person.api.executions.watch.subscribe(
      { executionId, ...(lastEventId ? { lastEventId } : {}) },
      { onData: ({ data }) => void events.push(data), onError: fail, onComplete: () => done(events) },
    )
  })
}

/** Waits, by watching, until a run has ended. */
export async function runToEnd(person: Person, executionId: string): Promise<Execution> {
  await watchToEnd(person, executionId)
  return person.api.executions.byId.query({ executionId })
}

/** Waits, by watching, until a run has reached a status. */
export function reached(person: Person, executionId: string, status: ExecutionStatus): Promise<void> {
  return new Promise((done, fail) => {
    const watching = person.api.executions.watch.subscribe(
      { executionId },
      {
        onData: ({ data }) => {
          if (data.data['status'] !== status || data.type !== 'status') return
          done()
          watching.unsubscribe()
        },
        onError: fail,
        onComplete: () => fail(new Error(`the run ended without being ${status}`)),
      },
    )
  })
}
