import { describe, expect } from 'vitest'
import type { World } from '../support/world.ts'
import { test } from '../support/world.ts'
import { addWorkflows } from './own-workflows.ts'
import { faultyPaths, refusal, unseen } from './refusal.ts'

async function startedBefore(world: World) {
  const company = await world.company()
  const { id: studioId } = await world.studio(company.member, company.id)
  const inputSchema = { type: 'object', required: ['before'] }
  const [templateId = ''] = await addWorkflows(world.stack.owner, company.id, [{ inputSchema }])
  const { start } = company.member.api.executions
  await start.mutate({ studioId, templateId, input: { before: 1 } })
  return { start, studioId, templateId }
}

describe('a workflow that was started before', () => {
  test('takes what its newest version asks for from the moment that is published', async ({ world }) => {
    const { start, studioId, templateId } = await startedBefore(world)
    await world.stack.owner.query(
      `insert into workflow_template_versions (template_id, company_id, version, content_hash, result_step, manifest, flow,
         input_schema, output_schema, sample_input, example_result)
       select template_id, company_id, '2.0.0', content_hash || ' 2', result_step, manifest, flow,
         '{"type":"object","required":["after"]}', output_schema, sample_input, example_result
       from workflow_template_versions where template_id = $1`,
      [templateId],
    )
    await world.stack.owner.query(`update workflow_templates set version = '2.0.0' where id = $1`, [templateId])
    expect(await faultyPaths(start.mutate({ studioId, templateId, input: { before: 1 } }))).toEqual(['input.after'])
    const { execution } = await start.mutate({ studioId, templateId, input: { after: 1 } })
    expect(execution.templateVersion).toBe('2.0.0')
  })

  test('tells another company nothing, neither of itself nor of what it asks for', async ({ world }) => {
    const { templateId } = await startedBefore(world)
    const theirs = await world.company()
    const { id: studioId } = await world.studio(theirs.admin, theirs.id)
    for (const input of [{}, { before: 1 }]) {
      const started = theirs.admin.api.executions.start.mutate({ studioId, templateId, input })
      expect(await refusal(started)).toMatchObject(unseen)
    }
  })
})
