import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import type { TemplateSummary } from '../../src/contracts/catalog.ts'

export type WorkflowFields = Partial<TemplateSummary> & { isActive?: boolean; createdAt?: string; inputSchema?: object }

const manifest = {
  steps: [{ name: 'count', title: 'Count the rows', explanation: 'Every row of the export is counted.' }],
  needs: ['An export of your deals.'],
  minutesSavedBasis: 'Counting by hand takes that long.',
}

/** Writes workflows of a company's own, as its operator would; nobody outside of the company sees them. */
export async function addWorkflows(owner: pg.Client, companyId: string, list: WorkflowFields[]): Promise<string[]> {
  const ids: string[] = []
  for (const fields of list) ids.push(await addWorkflow(owner, companyId, fields))
  return ids
}

async function addWorkflow(owner: pg.Client, companyId: string, fields: WorkflowFields): Promise<string> {
  const id = fields.id ?? randomUUID()
  const row = {
    id,
    company_id: companyId,
    slug: fields.slug ?? `workflow-${id}`,
    name: fields.name ?? `Workflow ${id}`,
    description: fields.description ?? 'Looks at what there is and says what to do.',
    value_proposition: fields.valueProposition ?? 'Nobody has to look any more.',
    business_area: fields.businessArea ?? 'sales',
    category: fields.category ?? 'Reports',
    complexity_level: fields.complexityLevel ?? 'beginner',
    tags: fields.tags ?? [],
    version: '1.0.0',
    estimated_duration_minutes: fields.estimatedDurationMinutes ?? 1,
    minutes_saved_per_run: fields.minutesSavedPerRun ?? 30,
    is_active: fields.isActive ?? true,
    created_at: fields.createdAt ?? new Date().toISOString(),
  }
  const input_schema = fields.inputSchema ?? {}
  const content = { manifest, flow: {}, input_schema, output_schema: {}, sample_input: {}, example_result: {} }
  const version = { template_id: id, company_id: companyId, version: '1.0.0', content_hash: id, result_step: 'count' }
  await insert(owner, 'workflow_templates', row)
  await insert(owner, 'workflow_template_versions', { ...version, ...content })
  return id
}

/** Publishes version 2.0.0 of a workflow, which asks for another input. */
export async function publishNext(owner: pg.Client, templateId: string, inputSchema: object): Promise<void> {
  await owner.query(
    `insert into workflow_template_versions (template_id, company_id, version, content_hash, result_step, manifest, flow,
       input_schema, output_schema, sample_input, example_result)
     select template_id, company_id, '2.0.0', content_hash || ' 2', result_step, manifest, flow,
       $2, output_schema, sample_input, example_result
     from workflow_template_versions where template_id = $1`,
    [templateId, inputSchema],
  )
  await owner.query(`update workflow_templates set version = '2.0.0' where id = $1`, [templateId])
}

async function insert(owner: pg.Client, table: string, row: Record<string, unknown>): Promise<void> {
  const names = Object.keys(row)
  const places = names.map((_, index) => `$${index + 1}`)
  await owner.query(`insert into ${table} (${names.join()}) values (${places.join()})`, Object.values(row))
}
