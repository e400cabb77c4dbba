import pg from 'pg'
import { openDatabase } from '../src/db/client.ts'
import { claimRuns } from '../src/db/queries/claims.ts'
import { leaseDueRuns } from '../src/db/queries/follows.ts'
import { onStack, openCompany, report, signUp } from './support.ts'

const idle = 100_000
const looks = 200

/** What one look of an idle worker costs, without runs and with 100,000 that have ended, wait for approval or are held. */
await onStack({ ROLE: 'api' }, async (bench) => {
  const person = await signUp(bench, 'reconciler')
  const place = await openCompany(person, 1)
  const { id: templateId } = await person.api.catalog.byId.query({ templateId: 'deal-pipeline-analysis' })
  const { database } = bench.connections
  const owner = new pg.Client({ connectionString: database.ownerUrl })
  await owner.connect()
  const worker = openDatabase({ url: database.workerUrl, maxConnections: 1, onConnectionError: () => undefined })
  const limits = { most: 50, engineMaxRuns: 100, leaseMs: 30_000, deadlineFactor: 10, leastDeadlineMs: 600_000 }
  const look = async () => {
    const workerId = crypto.randomUUID()
    await worker.own.transaction((tx) => claimRuns(tx, workerId, limits))
    await worker.own.transaction((tx) => leaseDueRuns(tx, workerId, 30_000, 200))
  }
  const without = await medianOf(look)
  for (const [status, heldFor, isFollowed] of [
    ['succeeded', null, false],
    ['paused', null, true],
    ['held', 'person', false],
  ] as const) {
    await fill(owner, { ...place, templateId, userId: person.userId }, { status, heldFor, isFollowed })
    const withIdle = await medianOf(look)
    report(`one look with ${idle.toLocaleString('en')} more runs, ${status}`, [
      { 'ms before any': without.toFixed(2), 'ms now': withIdle.toFixed(2), ratio: (withIdle / without).toFixed(2) },
    ])
  }
  await worker.close()
  await owner.end()
})
process.exit()

interface Place {
  companyId: string
  studioId: string
  templateId: string
  userId: string
}

interface Kind {
  status: string
  heldFor: string | null
  isFollowed: boolean
}

async function fill(owner: pg.Client, place: Place, { status, heldFor, isFollowed }: Kind): Promise<void> {
  await owner.query('set session_replication_role = replica')
  await owner.query(
    `insert into workflow_executions (company_id, studio_id, template_id, template_version, user_id, input_data, input_hash, status, held_for)
     select $1, $2, $3, '1.1.0', $4, '{}', 'hash', $5, $6 from generate_series(1, $7)`,
    [place.companyId, place.studioId, place.templateId, place.userId, status, heldFor, idle],
  )
  if (isFollowed)
    await owner.query(
      `insert into execution_follows (company_id, execution_id, next_look_at)
       select company_id, id, now() + interval '1 hour' from workflow_executions where status = $1`,
      [status],
    )
  await owner.query('set session_replication_role = origin')
  await owner.query('analyze workflow_executions')
  await owner.query('analyze execution_follows')
}

async function medianOf(work: () => Promise<void>): Promise<number> {
  const times: number[] = []
  for (let n = 0; n < looks; n += 1) {
    const startedAt = performance.now()
    await work()
    times.push(performance.now() - startedAt)
  }
  return times.toSorted((a, b) => a - b)[looks / 2] ?? 0
}
