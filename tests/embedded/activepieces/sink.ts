import { once } from 'node:events'
import { createServer } from 'node:http'
import { onTestFinished } from 'vitest'
import { urlOf } from './support.ts'

/** A web server that answers with the queued statuses, then 200, and shows what it was sent. */
export async function startSink(...statuses: number[]) {
  const seen: { method: string; url: string; headers: Record<string, unknown>; body: string }[] = []
  const server = createServer(async (request, response) => {
    // Whoever gives up in the middle has said nothing.
    const chunks = await request.toArray().catch(() => undefined)
    if (!chunks) return
    const { method = '', url = '', headers } = request
    seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() })
    if (url.startsWith('/silent')) return
    if (url.startsWith('/moved')) response.setHeader('location', '/elsewhere')
    response.writeHead(url.startsWith('/moved') ? 302 : (statuses.shift() ?? 200), {
      'content-type': 'application/json',
    })
    response.end(url.startsWith('/marked') ? '\uFEFFname,city\nAda,Köln\n' : '{"ok":true}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: urlOf(server), seen }
}
