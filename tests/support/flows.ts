import { buildFlow, engineSecretPlaceholder } from '../../catalog/flow-builder.ts'
import type { TemplateManifest } from '../../src/contracts/template-manifest.ts'
import { openDatabase } from '../../src/db/client.ts'
import { activePieces } from '../../src/engine/activepieces.ts'
import { publishCatalog } from '../../src/services/workflows/publish.ts'
import type { TestStack } from './stack.ts'
import { unique } from './world.ts'

/** A workflow made for a test: the source of its one working step, which has to return an envelope. */
export interface TestWorkflow {
  code: string
  resultStep?: string
  estimatedDurationMinutes?: number
}

/** An envelope that says nothing, as JavaScript source; `extra` are further properties of it. */
export const plainEnvelope = (extra = '') =>
  `({ summary: 'Done.', insights: [], data: {}, effects: [], warnings: [], ${extra} })`

/** Publishes a workflow of the test's own and gives its slug. */
export async function publishWorkflow(stack: TestStack, workflow: TestWorkflow): Promise<string> {
  const slug = `test-${unique()}`
  const codes = new Map([
    ['check_request', 'export const code = async ({ body }) => body'],
    ['work', workflow.code],
  ])
  const steps = [{ name: 'work', displayName: 'Do the work', input: { input: "{{trigger['body']['input']}}" } }]
  const flow = buildFlow({ displayName: slug, steps }, codes)
  const database = openDatabase({
    url: stack.connections.database.workerUrl,
    maxConnections: 1,
    onConnectionError: () => undefined,
  })
  const secret = { placeholder: engineSecretPlaceholder, value: stack.connections.engine.webhookSecret }
  const template = { manifest: manifestOf(slug, workflow), flow, sampleInput: {}, exampleResult: {} }
  await publishCatalog({ ...database.own, engine: activePieces(stack.connections.engine) }, [template], secret)
  await database.close()
  return slug
}

function manifestOf(
  slug: string,
  { resultStep = 'work', estimatedDurationMinutes = 1 }: TestWorkflow,
): TemplateManifest {
  const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema' as const, type: 'object' as const }
  return {
    slug,
    name: `Test workflow ${slug}`,
    description: 'A workflow made for a test.',
    valueProposition: 'It shows how runs behave.',
    businessArea: 'other',
    category: 'Tests',
    complexityLevel: 'beginner',
    tags: ['test'],
    version: '1.0.0',
    steps: [{ name: 'work', title: 'Do the work', explanation: 'Does what the test asks for.' }],
    needs: ['Nothing at all.'],
    inputSchema: {
      ...schema,
      properties: { n: { type: 'integer', title: 'N', description: 'A number to work with.', examples: [1] } },
      required: [],
      additionalProperties: false,
    },
    outputSchema: { ...schema, properties: {} },
    estimatedDurationMinutes,
    minutesSavedPerRun: 5,
    minutesSavedBasis: 'An estimate for the test.',
    effects: [],
    resultStep,
  }
}
