import type { FastifyInstance, RouteOptions } from 'fastify'

const parameter = /:(\w+)|\*/g
const securitySchemes = {
  apiKey: { type: 'http', description: 'The token of a signed-in account', scheme: 'bearer' },
}

type Operation = { parameters: object[]; responses: Record<string, { description: string }> }

/** Answers `/docs` with an OpenAPI document of the routes that are added after it; what takes any method is not in it. */
export function openApiRoute(server: FastifyInstance): void {
  const paths: Record<string, Record<string, Operation>> = {}
  server.addHook('onRoute', (route) => describe(paths, route))
  server.get('/docs', () => ({
    openapi: '3.1.0',
    info: { title: 'Embedded engine', version: '0.0.0' },
    components: { securitySchemes, schemas: {} },
    paths,
  }))
}

function describe(paths: Record<string, Record<string, Operation>>, { method, url }: RouteOptions): void {
  if (typeof method !== 'string' || method === 'HEAD') return
  const parameters = [...url.matchAll(parameter)].map(([, name = 'name']) => {
    return { name, in: 'path', required: true, schema: { type: 'string' } }
  })
  const path = url.replace(parameter, (_found, name: string | undefined) => `{${name ?? 'name'}}`)
  const operation = { parameters, responses: { default: { description: 'As ActivePieces 0.85.4 answers.' } } }
  paths[path] = { ...paths[path], [method.toLowerCase()]: operation }
}
