import pg from 'pg'
import { openDatabase, type Scope } from '../src/db/client.ts'
import { listStudios } from '../src/db/queries/studios.ts'
import { type Bench, claimsOf, onStack, openCompany, report, signUp } from './support.ts'

const connections = 10
const roundMs = 3000
const rounds = 4

/** Throughput of the scoped read, as a ratio to the same SQL without scope and without row policies, side by side. */
await onStack({}, async (bench) => {
  const { companyId, token } = await fill(bench)
  const options = { maxConnections: connections, onConnectionError: () => undefined }
  const scoped = openDatabase({
    ...options,
    url: bench.connections.database.apiUrl,
    scopeKey: bench.connections.database.scopeKey,
  })
  const bare = openDatabase({ ...options, url: await addBareRole(bench) })
  const request = { id: 'bench', ip: '127.0.0.1', agent: 'bench' }
  const filter = { companyId, includeArchived: false, limit: 20 }
  const read = (scope: Scope) => scope.read((tx) => listStudios(tx, filter, undefined))
  const claims = claimsOf(token)
  const readScoped = () => read(scoped.scope(claims, request))
  const readBare = () => read(bare.own)
  await measure(readScoped)
  await measure(readBare)
  const ratios: number[] = []
  for (let round = 1; round <= rounds; round += 1) {
    const [without, withScope] = [await measure(readBare), await measure(readScoped)]
    ratios.push(withScope / without)
    report(`round ${round}`, [
      {
        'without scope /s': Math.round(without),
        'with scope /s': Math.round(withScope),
        ratio: (withScope / without).toFixed(2),
      },
    ])
  }
  report('scoped read', [
    { 'mean ratio': (ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length).toFixed(2), goal: 'at least 0.6' },
  ])
  await scoped.close()
  await bare.close()
})
process.exit()

// A login role that no row policy holds, but that is otherwise as the API's own.
async function addBareRole({ connections: { database } }: Bench): Promise<string> {
  const owner = new pg.Client({ connectionString: database.ownerUrl })
  await owner.connect()
  await owner.query(`create role bench_bare login bypassrls password 'bench'; grant select on studios to bench_bare`)
  await owner.end()
  const url = new URL(database.ownerUrl ?? '')
  Object.assign(url, { username: 'bench_bare', password: 'bench' })
  return url.href
}

// A thousand companies around ours, so that indexes are used as in real life.
async function fill(bench: Bench): Promise<{ companyId: string; token: string }> {
  const person = await signUp(bench, 'scope')
  const { companyId } = await openCompany(person, 10)
  const owner = new pg.Client({ connectionString: bench.connections.database.ownerUrl })
  await owner.connect()
  await owner.query(`set session_replication_role = replica;
    insert into companies (name, slug, industry_type, contact_email, headquarters_address, created_by)
      select 'Filler ' || n, 'filler-' || n, 'other', 'office@example.com', '1 Example Street', '${person.userId}' from generate_series(1, 1000) n;
    insert into studios (company_id, name, business_area, created_by)
      select c.id, 'Studio ' || n, 'sales', '${person.userId}' from companies c, generate_series(1, 20) n where c.slug like 'filler-%';
    analyze`)
  await owner.end()
  return { companyId, token: person.token }
}

async function measure(work: () => Promise<unknown>): Promise<number> {
  const until = performance.now() + roundMs
  let done = 0
  const lane = async () => {
    while (performance.now() < until) {
      await work()
      done += 1
    }
  }
  await Promise.all(Array.from({ length: connections }, lane))
  return (done / roundMs) * 1000
}
