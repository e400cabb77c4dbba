import { and, eq } from 'drizzle-orm'
import type { Insight } from '../../contracts/envelope.ts'
import type { ListInsightsInput, RecordedInsight } from '../../contracts/insights.ts'
import type { Tx } from '../client.ts'
import { behind, newestFirst, type Position } from '../paging.ts'
import { workflowExecutions as executions, insights, workflowTemplates as templates } from '../schema/index.ts'

/** Records an insight with the company; gives its id. */
export async function insertInsight(
  tx: Tx,
  place: { companyId: string; studioId: string; executionId: string; ordinal: number },
  insight: Insight,
): Promise<string> {
  const { title, importance } = insight
  const [row] = await tx
    .insert(insights)
    .values({ ...place, title, importance, insight })
    .returning({ id: insights.id })
  if (!row) throw new Error('an inserted insight was not returned')
  return row.id
}

/** Recorded insights of a company, newest first. */
export function listInsights(
  tx: Tx,
  filter: ListInsightsInput,
  after: Position | undefined,
): Promise<RecordedInsight[]> {
  return tx
    .select({
      id: insights.id,
      companyId: insights.companyId,
      studioId: insights.studioId,
      executionId: insights.executionId,
      templateId: executions.templateId,
      templateName: templates.name,
      insight: insights.insight,
      createdAt: insights.createdAt,
    })
    .from(insights)
    .innerJoin(executions, and(eq(executions.companyId, insights.companyId), eq(executions.id, insights.executionId)))
    .innerJoin(templates, eq(templates.id, executions.templateId))
    .where(
      and(
        eq(insights.companyId, filter.companyId),
        filter.studioId ? eq(insights.studioId, filter.studioId) : undefined,
        filter.templateId ? eq(executions.templateId, filter.templateId) : undefined,
        filter.importance ? eq(insights.importance, filter.importance) : undefined,
        behind(after, insights.createdAt, insights.id),
      ),
    )
    .orderBy(newestFirst(insights.createdAt), newestFirst(insights.id))
    .limit(filter.limit + 1)
}
