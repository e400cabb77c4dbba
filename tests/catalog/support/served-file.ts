import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { onTestFinished } from 'vitest'
import type { GivenFile } from '../../../catalog/flow-run.ts'
import { urlOf } from '../../embedded/activepieces/support.ts'

/** A file of a studio as a run is given it, under a link that answers with its bytes, or with another status. */
export async function servedFile(
  content: string | Buffer,
  status = 200,
  headers: Record<string, string> = {},
): Promise<GivenFile & { asked: () => number }> {
  const bytes = Buffer.from(content)
  let asked = 0
  const server = createServer((_, response) => {
    asked += 1
    response
      .writeHead(status, { 'content-type': 'text/csv', ...headers })
      .end(status === 200 ? bytes : '{"code":"NOT_FOUND"}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const link = { url: `${urlOf(server)}/link/${randomUUID()}`, asked: () => asked }
  return { property: 'file', id: randomUUID(), name: 'export.csv', type: 'text/csv', size: bytes.length, ...link }
}
