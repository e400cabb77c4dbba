import autocannon from 'autocannon'
import pg from 'pg'
import { type Bench, onStack, openCompany, report, signUp } from './support.ts'

const connections = 20
const seconds = 8

/** p50 and p99 of `studios.list` and of `executions.start` over HTTP, with 20 connections. The worker is not in this process. */
await onStack({ ROLE: 'api', DATABASE_CONNECTIONS: '20' }, async (bench) => {
  const person = await signUp(bench, 'api')
  const { companyId, studioId } = await openCompany(person, 10)
  await liftLimits(bench)
  const { id: templateId } = await person.api.catalog.byId.query({ templateId: 'deal-pipeline-analysis' })
  const headers = { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' }
  const input = {
    data: 'opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\nA1,Ann,GTX,Acme,Won,2017-01-01,2017-02-01,100',
  }
  const list = {
    url: `${bench.url}/trpc/studios.list?input=${encodeURIComponent(JSON.stringify({ companyId }))}`,
    headers,
  }
  const start = {
    url: `${bench.url}/trpc/executions.start`,
    method: 'POST' as const,
    headers,
    body: JSON.stringify({ studioId, templateId, input }),
  }
  await autocannon({ ...list, connections, duration: 2 })
  for (const [name, options] of Object.entries({ 'studios.list': list, 'executions.start': start })) {
    const result = await autocannon({ ...options, connections, duration: seconds })
    const { p50, p99 } = result.latency
    report(name, [
      {
        'p50 ms': p50,
        'p99 ms': p99,
        'requests/s': Math.round(result.requests.average),
        failed: result.non2xx + result.errors,
      },
    ])
  }
})
process.exit()

// The plan's month would be used up within seconds.
async function liftLimits({ connections: { database } }: Bench): Promise<void> {
  const owner = new pg.Client({ connectionString: database.ownerUrl })
  await owner.connect()
  await owner.query('update plans set max_executions_per_month = 100000000')
  await owner.end()
}
