import { createHash, randomBytes } from 'node:crypto'
import pg from 'pg'
import { test as base, onTestFinished } from 'vitest'
import { addWorkflows } from '../routers/own-workflows.ts'
import { startTestStack } from './stack.ts'
import { unique, type World, worldOn } from './world.ts'

/** `test` on a stack without a worker: runs do what the test says and nothing else. */
export const test = base
  .extend(
    'stack',
    { scope: 'file' }, // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixtures wanted from the pattern
    async ({}, { onCleanup }) => {
      const stack = await startTestStack({ ROLE: 'api' })
      onCleanup(() => stack.close())
      return stack
    },
  )
  .extend('world', ({ stack }) => worldOn(stack))

/** Where a test's runs are: a company with one person of each role, a studio and a workflow of its own. */
export async function workplace(world: World, { inputSchema = {} }: { inputSchema?: object } = {}) {
  const company = await world.company()
  const { id: studioId } = await world.studio(company.admin, company.id)
  const [templateId = ''] = await addWorkflows(world.stack.owner, company.id, [{ inputSchema }])
  return { company, companyId: company.id, studioId, templateId, userId: company.admin.userId }
}
export type Workplace = Awaited<ReturnType<typeof workplace>>

/** A run that the engine is taken to have; `secret` is its first attempt's. */
export async function runUnderWay(world: World, place: Omit<Workplace, 'company'>, input: object = {}) {
  const { owner } = world.stack
  const { rows } = await owner.query<{ id: string }>(
    `insert into workflow_executions (company_id, studio_id, template_id, template_version, user_id, input_data, input_hash)
     values ($1, $2, $3, '1.0.0', $4, $5, $6) returning id`,
    [place.companyId, place.studioId, place.templateId, place.userId, JSON.stringify(input), unique()],
  )
  const executionId = rows[0]?.id ?? ''
  await owner.query(`update workflow_executions set status = 'running', started_at = now() where id = $1`, [
    executionId,
  ])
  return { executionId, secret: await addAttempt(world, executionId, 1) }
}

/** One more attempt of a run, and its secret. */
export async function addAttempt(world: World, executionId: string, number: number): Promise<string> {
  const secret = randomBytes(16).toString('hex')
  await world.stack.owner.query(
    `insert into execution_attempts (company_id, execution_id, studio_id, number, origin, callback_secret_hash)
     select company_id, id, studio_id, $2, $2, $3 from workflow_executions where id = $1`,
    [executionId, number, createHash('sha256').update(secret).digest('hex')],
  )
  return secret
}

/** Ends a run, as the worker does once the engine has. */
export async function endRun(world: World, executionId: string): Promise<void> {
  await world.stack.owner.query(
    `update workflow_executions set status = 'succeeded', completed_at = now() where id = $1`,
    [executionId],
  )
}

/** Events of a run, written in one statement; `client` says in which transaction. */
export async function writeEvents(client: pg.Client, executionId: string, messages: string[], type = 'log') {
  await client.query(
    `insert into execution_events (company_id, execution_id, studio_id, type, message)
     select company_id, id, studio_id, $2, m from workflow_executions, unnest($3::text[]) m where id = $1`,
    [executionId, type, messages],
  )
}

/** A further connection of the owner, closed with the test. */
export async function ownerOf({ stack }: World): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: stack.connections.database.ownerUrl })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

/** Waits until what has been written counts as past, whatever other tests have under way on the same server. */
export async function settled({ stack }: World): Promise<void> {
  const { rows } = await stack.owner.query<{ last: string }>('select pg_current_xact_id() as last')
  const isPast = 'select pg_snapshot_xmin(pg_current_snapshot()) > $1::xid8 as past'
  while (!(await stack.owner.query<{ past: boolean }>(isPast, [rows[0]?.last])).rows[0]?.past);
}
