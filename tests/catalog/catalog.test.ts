import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { flowText, resultText } from '../../catalog/build.ts'
import { engineSecretHeader, engineSecretPlaceholder } from '../../catalog/flow-builder.ts'
import { flowActions, requestBody, runFlow, runHere } from '../../catalog/flow-run.ts'
import { type CatalogEntry, catalogPath, catalogSlugs, loadCatalog } from '../../catalog/index.ts'
import { envelope } from '../../src/contracts/envelope.ts'
import { schemaChecker } from '../../src/json-schema.ts'
import { allFlowReferences } from './support/references.ts'

const longText = 1_000_000
const slugs = await catalogSlugs()

async function entryOf(slug: string): Promise<CatalogEntry> {
  const found = (await loadCatalog()).find((entry) => entry.manifest.slug === slug)
  if (found === undefined) throw new Error(`no workflow ${slug}`)
  return found
}

function validatorOf(schema: Record<string, unknown>) {
  return schemaChecker({ allErrors: true, allowUnionTypes: true, keywords: ['x-sensitive'] }).compile(schema)
}

test('the catalog holds the deal pipeline analysis', () => {
  expect(slugs).toContain('deal-pipeline-analysis')
})

describe.each(slugs)('%s', (slug) => {
  test('has a form that fits its sample input and explains every field', async () => {
    const { manifest, sampleInput } = await entryOf(slug)
    const validate = validatorOf(manifest.inputSchema)
    expect(validate(sampleInput), JSON.stringify(validate.errors)).toBe(true)
    expect(validate({ ...sampleInput, surprise: 1 })).toBe(false)
    for (const [name, property] of Object.entries(manifest.inputSchema.properties)) {
      const validateExample = validatorOf({ ...property })
      for (const example of property.examples) expect(validateExample(example), `${name}: ${example}`).toBe(true)
    }
  })

  test('says how long inline data may be', async () => {
    const { manifest } = await entryOf(slug)
    const inline = Object.values(manifest.inputSchema.properties).filter(({ maxLength = 0 }) => maxLength >= longText)
    expect(inline.length).toBeGreaterThan(0)
    for (const { description, maxLength = 0 } of inline) {
      expect(description).toContain(`${maxLength / longText} MB`)
    }
  })

  test('has a flow that is made from its steps', async () => {
    const isSame = (await readFile(catalogPath(slug, 'flow.json'), 'utf8')) === (await flowText(slug))
    expect(isSame, 'flow.json is older than its steps: run npm run catalog:build').toBe(true)
  })

  test('has a flow that the engine can import and that only the installation can start', async () => {
    const { flow, manifest } = await entryOf(slug)
    const [trigger, tag, check, look, ...others] = flowActions(flow)
    const steps = others.slice(0, -1)
    expect(flow.schemaVersion).toBe('20')
    expect(trigger?.settings.input).toEqual({
      authType: 'header',
      authFields: { headerName: engineSecretHeader, headerValue: engineSecretPlaceholder },
    })
    expect([tag?.name, tag?.settings.input['name']]).toEqual(['tag_run', "{{trigger['body']['correlationId']}}"])
    expect([check?.name, look?.name]).toEqual(['check_request', 'look_for_file'])
    expect(steps.at(-1)?.name).toBe(manifest.resultStep)
    expect(manifest.steps.map(({ name }) => name)).toEqual(steps.map(({ name }) => name))
  })

  test('has a flow that fetches a file only where one was chosen', async () => {
    const { flow, manifest } = await entryOf(slug)
    const [, , , look, file, read] = flowActions(flow)
    const isChosen = { operator: 'EXISTS', firstValue: "{{trigger['body']['files'][0]['id']}}" }
    expect(look).toMatchObject({ type: 'ROUTER', settings: { branches: [{ conditions: [[isChosen]] }, {}] } })
    expect(look?.children).toEqual([expect.objectContaining({ name: 'read_studio_file' }), null])
    expect(file?.settings.input).toMatchObject({ method: 'GET', url: "{{trigger['body']['files'][0]['url']}}" })
    expect(read?.settings.input).toMatchObject({ fileText: "{{read_studio_file['body']}}" })
    expect(manifest.steps[0]).toMatchObject({ name: 'read_studio_file', title: 'Read the file' })
    const { file: property, data } = manifest.inputSchema.properties
    expect(property).toMatchObject({ type: 'string', format: 'studio-file', 'x-sensitive': true })
    expect([data?.type, manifest.inputSchema.required]).toEqual(['string', []])
  })

  test('has a flow that ends by telling its result, whether somebody hears it or not', async () => {
    const { flow, manifest } = await entryOf(slug)
    const tell = flowActions(flow).at(-1)
    expect(tell).toMatchObject({ name: 'tell_result', type: 'PIECE', settings: { input: { timeout: 10 } } })
    expect(tell?.settings.input).toMatchObject({
      url: "{{trigger['body']['callback']['url']}}",
      headers: { authorization: "Bearer {{trigger['body']['callback']['token']}}" },
      body: { data: { status: 'succeeded', output: `{{${manifest.resultStep}}}` } },
    })
    expect(tell?.settings.errorHandlingOptions?.continueOnFailure.value).toBe(true)
  })

  test('refers only to steps before and to fields of its form', async () => {
    const { flow, manifest } = await entryOf(slug)
    const known = new Set(['trigger'])
    for (const { name, settings } of flowActions(flow)) {
      for (const { root, keys } of allFlowReferences(settings.input)) {
        expect([...known], `${name} refers to ${root}`).toContain(root)
        const field = root === 'trigger' && keys[1] === 'input' ? keys[2] : undefined
        if (field !== undefined) expect(Object.keys(manifest.inputSchema.properties)).toContain(field)
      }
      known.add(name)
    }
  })

  test('carries code that an engine without a host can run', async () => {
    const { flow } = await entryOf(slug)
    const forbidden =
      /\b(?:Intl|Temporal|structuredClone|TextDecoder|Buffer|fetch|process|require)\b\s*[.(]|toLocale|\/work\/|node:/
    for (const { name, settings } of flowActions(flow)) {
      expect(forbidden.exec(settings.sourceCode?.code ?? '')?.[0], name).toBeUndefined()
    }
  })

  test('gives its example result on its sample input', async () => {
    expect(existsSync(catalogPath(slug, 'expected-output.json'))).toBe(true)
    const text = await resultText(slug)
    expect(JSON.parse(text)).toEqual(JSON.parse(await readFile(catalogPath(slug, 'expected-output.json'), 'utf8')))
    const result = envelope.parse(JSON.parse(text))
    const { manifest } = await entryOf(slug)
    const validate = validatorOf(manifest.outputSchema)
    expect(validate(result.data), JSON.stringify(validate.errors)).toBe(true)
    expect(result.insights.length).toBeGreaterThan(0)
    const declared: string[] = manifest.effects
    expect(result.effects.map(({ kind }) => kind).filter((kind) => !declared.includes(kind))).toEqual([])
  })

  test.each([
    ['an empty body', {}, 'The request is empty'],
    ['no body', undefined, 'The request is empty'],
    ['no execution', { input: {} }, 'names no execution'],
    ['no input', { execution: { id: 'x', attempt: 1 } }, 'has no input'],
  ])('refuses a call with %s', async (_, body, message) => {
    const { flow } = await entryOf(slug)
    await expect(runFlow(flow, body, runHere)).rejects.toThrow(message)
  })

  test('names the input that is missing', async () => {
    const { flow } = await entryOf(slug)
    await expect(runFlow(flow, requestBody({}), runHere)).rejects.toThrow(/"\w+"/)
  })
})
