import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect } from 'vitest'
import { z } from 'zod'
import { allProcedures, withoutRestShape } from '../contracts/procedures.ts'
import { test, type World } from '../support/world.ts'
import { send } from './calls.ts'

const schema = z.record(z.string(), z.unknown())
const content = z.record(z.string(), z.object({ schema }))
const parameter = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean().optional(),
  schema,
})
const operation = z.object({
  operationId: z.string(),
  summary: z.string().min(3),
  tags: z.array(z.string()).min(1),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  parameters: z.array(parameter).default([]),
  requestBody: z.object({ content }).optional(),
  responses: z.record(z.string().regex(/^[1-5]\d\d$|^default$/), z.unknown()),
})

/** What OpenAPI 3.1 asks of the parts that are used here (spec.openapis.org/oas/v3.1.0). */
const openApi = z.object({
  openapi: z.literal('3.1.0'),
  info: z.object({ title: z.string(), version: z.string(), description: z.string() }),
  servers: z.array(z.object({ url: z.url() })).min(1),
  paths: z.record(
    z.string().startsWith('/'),
    z.record(z.enum(['get', 'post', 'patch', 'delete']), operation.optional()),
  ),
  components: z.object({
    securitySchemes: z.record(z.string(), z.object({ type: z.literal('http'), scheme: z.literal('bearer') })),
    schemas: z.record(z.string(), z.unknown()).optional(),
    responses: z.record(z.string(), z.object({ description: z.string(), content })),
  }),
})

async function documentOf({ stack }: World) {
  const { status, body } = await send(stack, '/api/v1/openapi.json')
  expect(status).toBe(200)
  const document = openApi.parse(body)
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, one]) => (one ? [{ path, method, ...one }] : [])),
  )
  return { body, document, operations }
}

describe('the OpenAPI document', () => {
  test('has the form of OpenAPI 3.1, and every operation a name of its own', async ({ world }) => {
    const { operations } = await documentOf(world)
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
  })

  test('holds every procedure, or its exception is named and documented by hand', async ({ world }) => {
    const { operations } = await documentOf(world)
    const documented = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    const shaped = allProcedures.flatMap(({ meta }) =>
      meta.openapi ? `${meta.openapi.method} ${meta.openapi.path}` : [],
    )
    const byHand = [
      'GET /executions/{executionId}/watch',
      'GET /companies/{companyId}/executions/watch',
      'POST /callbacks/activepieces/{executionId}',
      'GET /shared/{token}',
      'POST /shared/{token}/download',
      'POST /shared/{token}/files',
      'POST /studios/{studioId}/files',
      'POST /files/{fileId}/versions',
      'GET /files/{fileId}/content',
      'GET /files/runs/{executionId}/{fileId}',
    ]
    expect(new Set(documented)).toEqual(new Set([...shaped, ...byHand]))
    expect(allProcedures.filter(({ meta }) => !meta.openapi).map(({ path }) => path)).toEqual(withoutRestShape)
  })

  test('declares each name of a path as its parameter and no other', async ({ world }) => {
    const { operations } = await documentOf(world)
    for (const { path, parameters } of operations) {
      const declared = parameters.filter((one) => one.in === 'path')
      expect([path, declared.map(({ name }) => name)]).toEqual([path, path.match(/(?<=\{)\w+/g) ?? []])
      expect(declared.filter(({ required }) => !required)).toEqual([])
    }
  })

  test('has only references that lead somewhere, and schemas that are JSON Schema 2020-12', async ({ world }) => {
    const { body, operations, document } = await documentOf(world)
    for (const [, reference = ''] of JSON.stringify(body).matchAll(/"\$ref":"([^"]+)"/g)) {
      const target = reference
        .replace(/^#\//, '')
        .split('/')
        .reduce<unknown>((level, name) => Object(level)[name], body)
      expect([reference, target]).not.toEqual([reference, undefined])
    }
    const ajv = new Ajv2020({ strict: false, validateFormats: false })
    const components = { $id: 'document', components: document.components }
    ajv.addSchema(components)
    for (const { parameters, requestBody, responses } of operations) {
      const answers = Object.values(responses).flatMap((one) => Object.values(Object(one).content ?? {}))
      const bodies = [...Object.values(requestBody?.content ?? {}), ...answers].map((one) => Object(one).schema)
      for (const one of [...bodies, ...parameters.map((each) => each.schema)])
        ajv.compile(JSON.parse(JSON.stringify(one).replaceAll('"#/', '"document#/')))
    }
  })

  test('asks for a token everywhere but where none is needed', async ({ world }) => {
    const { operations } = await documentOf(world)
    const open = operations.filter(({ security }) => !security?.length).map(({ operationId }) => operationId)
    expect(new Set(open)).toEqual(
      new Set(['system-info', 'files-runs', 'shared-look', 'shared-download', 'shared-upload']),
    )
  })

  test('describes answers as they are', async ({ world }) => {
    const { operations } = await documentOf(world)
    const { accessToken: token } = await world.signUp()
    const ajv = new Ajv2020({ strict: false, validateFormats: false })
    for (const path of ['/me', '/me/companies', '/companies', '/catalog', '/catalog-facets', '/system/info']) {
      const described = operations.find((one) => one.path === path && one.method === 'get')
      const answer = Object(described?.responses['200']).content['application/json'].schema
      const { body } = await send(world.stack, `/api/v1${path}`, { token })
      expect([path, ajv.validate(answer, body), ajv.errors]).toEqual([path, true, null])
    }
  })
})
