import { expect, test } from 'vitest'
import { z } from 'zod'
import { packedPackage } from './recorded-bodies.ts'
import { type Client, restart, startTestEngine, temporaryFolder } from './support.ts'

const http = '@activepieces/piece-http'

async function upload(client: Client, archive: Uint8Array<ArrayBuffer>) {
  const body = new FormData()
  body.set('packageType', 'ARCHIVE')
  body.set('pieceArchive', new Blob([archive]), 'piece.tgz')
  const headers = { authorization: `Bearer ${client.token}` }
  const response = await fetch(`${client.base}/pieces`, { method: 'POST', headers, body })
  return { status: response.status, body: z.unknown().parse(await response.json()) }
}

const fromRegistry = (pieceName: string) => ({
  ...{ packageType: 'REGISTRY', scope: 'PLATFORM' },
  ...{ pieceName, pieceVersion: '0.9.0' },
})

test('a built-in piece is installed in the version asked for, and stays so', async () => {
  const dataDir = temporaryFolder()
  const { engine, client } = await startTestEngine({ dataDir })
  const before = await client.call('GET', `/pieces/${http}`)
  expect(before.body).toMatchObject({ name: http, pieceType: 'OFFICIAL', archiveId: null })
  const installed = await client.call('POST', '/pieces', fromRegistry(http))
  expect(installed).toMatchObject({ status: 201, body: { version: '0.9.0', packageType: 'REGISTRY' } })
  const uploaded = await upload(client, packedPackage(http, '0.10.0'))
  expect(uploaded).toMatchObject({ status: 201, body: { version: '0.10.0', packageType: 'ARCHIVE' } })
  await engine.close()
  const again = await restart(dataDir)
  const { id } = z.looseObject({ id: z.string() }).parse(installed.body)
  const kept = { id, version: '0.10.0', pieceType: 'CUSTOM', archiveId: expect.any(String) }
  expect((await again.client.call('GET', `/pieces/${http}`)).body).toMatchObject(kept)
})

test('a piece that is not built in, and what is no package, are refused', async () => {
  const { client } = await startTestEngine()
  const unknown = {
    status: 400,
    body: {
      code: 'ENGINE_OPERATION_FAILURE',
      params: { message: expect.stringContaining('piece-slack') },
    },
  }
  expect(await client.call('POST', '/pieces', fromRegistry('@activepieces/piece-slack'))).toMatchObject(unknown)
  expect(await upload(client, packedPackage('@activepieces/piece-slack', '1.0.0'))).toMatchObject(unknown)
  expect(await upload(client, new Uint8Array([1, 2, 3]))).toMatchObject({
    status: 400,
    body: { code: 'FST_ERR_VALIDATION' },
  })
  expect(await client.call('POST', '/pieces', {})).toMatchObject({ status: 400, body: { code: 'FST_ERR_VALIDATION' } })
  client.token = ''
  expect((await client.call('POST', '/pieces', fromRegistry(http))).status).toBe(403)
})

test('the OpenAPI document names the routes there are, each path parameter declared', async () => {
  const { client } = await startTestEngine()
  const { paths } = z
    .object({ paths: z.record(z.string(), z.record(z.string(), z.object({ parameters: z.array(z.unknown()) }))) })
    .parse((await client.call('GET', '/docs')).body)
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/api/v1/flows', '/api/v1/pieces/{name}']))
  expect(paths['/api/v1/flow-runs/{id}/retry']?.['post']?.parameters).toMatchObject([{ name: 'id', in: 'path' }])
  for (const [path, operations] of Object.entries(paths)) {
    const declared = Object.values(operations).map(({ parameters }) => parameters.length)
    expect(new Set(declared), path).toEqual(new Set([path.split('{').length - 1]))
  }
})
