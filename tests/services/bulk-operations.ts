import type { BulkItem, StartBulkInput } from '../../src/contracts/bulk.ts'
import { allPages } from '../routers/lists.ts'
import type { TestStack } from '../support/stack.ts'
import type { Company } from '../support/world.ts'

type Asked = Omit<StartBulkInput, 'companyId' | 'options'> & Partial<Pick<StartBulkInput, 'options'>>

/** A bulk operation that a member starts, and how to look at it. */
export async function startBulk({ id: companyId, member }: Company, asked: Asked) {
  const { id: operationId } = await member.api.bulk.start.mutate({ companyId, ...asked })
  return {
    operationId,
    look: () => member.api.bulk.byId.query({ companyId, operationId }),
    items: () =>
      allPages<BulkItem>((cursor) => member.api.bulk.items.query({ companyId, operationId, limit: 100, ...cursor })),
  }
}

/** How often each run was replayed. */
export async function replaysOf({ owner }: TestStack, runs: string[]): Promise<number[]> {
  const { rows } = await owner.query<{ replays: number }>(
    `select count(r.id)::int as replays from unnest($1::uuid[]) with ordinality o (id, n)
     left join workflow_executions r on r.replay_of = o.id group by o.n order by o.n`,
    [runs],
  )
  return rows.map(({ replays }) => replays)
}
