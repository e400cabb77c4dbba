import { buildFlow, engineSecretPlaceholder, type Flow, type ReadyAction } from '../../catalog/flow-builder.ts'
import { type TemplateManifest, templateManifest } from '../../src/contracts/template-manifest.ts'
import { publishCatalog } from '../../src/services/workflows/publish.ts'
import type { TestStack } from './stack.ts'
import { unique } from './world.ts'

/** A code step of a test's workflow; it reads the run's input as `input` unless it says otherwise. */
export interface TestStep {
  name: string
  title?: string
  code: string
  input?: Record<string, string>
}

/** A workflow made for a test: the source of its one working step, or of several; the last one returns the envelope. */
export interface TestWorkflow {
  code?: string
  steps?: TestStep[]
  /** Actions of pieces, put before the result step. */
  pieces?: ReadyAction[]
  resultStep?: string
  effects?: string[]
  /** JSON Schema of each input instead of an optional integer `n`; what a form needs besides is filled in. */
  properties?: Record<string, object>
  estimatedDurationMinutes?: number
}

/** An envelope that says nothing, as JavaScript source; `extra` are further properties of it. */
export const plainEnvelope = (extra = '') =>
  `({ summary: 'Done.', insights: [], data: {}, effects: [], warnings: [], ${extra} })`

const fromInput = { input: "{{trigger['body']['input']}}" }
const properties = { n: { type: 'integer', title: 'N', description: 'A number to work with.', examples: [1] } }
const formTexts = { type: 'string', title: 'Value', description: 'A value that the test gives.', examples: ['one'] }

/** Publishes a workflow of the test's own and gives its slug. */
export async function publishWorkflow(stack: TestStack, workflow: TestWorkflow): Promise<string> {
  const slug = `test-${unique()}`
  const secret = { placeholder: engineSecretPlaceholder, value: stack.connections.engine.webhookSecret }
  const content = { manifest: manifestOf(slug, workflow), flow: flowOf(slug, workflow) }
  const template = { ...content, sampleInput: {}, exampleResult: {} }
  await publishCatalog(stack.publisher, [template], secret)
  return slug
}

function stepsOf({ steps, code = '' }: TestWorkflow): TestStep[] {
  return steps ?? [{ name: 'work', title: 'Do the work', code }]
}

function resultStepOf(workflow: TestWorkflow): string {
  return workflow.resultStep ?? stepsOf(workflow).at(-1)?.name ?? ''
}

function flowOf(slug: string, workflow: TestWorkflow): Flow {
  const resultStep = resultStepOf(workflow)
  const sources = stepsOf(workflow)
  const steps = sources.flatMap(({ name, title = name, input = fromInput }, index) => {
    const isResult = name === resultStep || (index === sources.length - 1 && !sources.some(named(resultStep)))
    return [...(isResult ? (workflow.pieces ?? []) : []), { name, displayName: title, input }]
  })
  const check = ['check_request', 'export const code = async ({ body }) => body'] as const
  const codes = new Map<string, string>([check, ...sources.map(({ name, code }) => [name, code] as const)])
  return buildFlow({ displayName: slug, steps, resultStep }, codes)
}

function named(wanted: string) {
  return ({ name }: { name: string }) => name === wanted
}

function manifestOf(slug: string, workflow: TestWorkflow): TemplateManifest {
  const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' }
  const form = Object.entries(workflow.properties ?? properties).map(([name, property]) => [
    name,
    { ...formTexts, ...property },
  ])
  return templateManifest.parse({
    slug,
    name: `Test workflow ${slug}`,
    description: 'A workflow made for a test.',
    valueProposition: 'It shows how runs behave.',
    businessArea: 'other',
    category: 'Tests',
    complexityLevel: 'beginner',
    tags: ['test'],
    version: '1.0.0',
    steps: stepsOf(workflow).map(({ name, title = name }) => ({
      name,
      title,
      explanation: 'Does what the test asks for.',
    })),
    needs: ['Nothing at all.'],
    inputSchema: { ...schema, properties: Object.fromEntries(form), required: [], additionalProperties: false },
    outputSchema: { ...schema, properties: {} },
    estimatedDurationMinutes: workflow.estimatedDurationMinutes ?? 1,
    minutesSavedPerRun: 5,
    minutesSavedBasis: 'An estimate for the test.',
    effects: workflow.effects ?? [],
    resultStep: resultStepOf(workflow),
  })
}
