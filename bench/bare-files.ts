import { createReadStream, createWriteStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import fastify from 'fastify'

/** What files are measured beside: Fastify that streams a body to the disk and back, and knows nothing else. */
const [, , folder = ''] = process.argv
const app = fastify({ bodyLimit: 1024 ** 3 })
app.removeAllContentTypeParsers()
app.addContentTypeParser('*', (_request, _payload, done) => done(null))

app.post<{ Params: { name: string }; Querystring: { sync?: string } }>('/:name', async (request) => {
  const path = join(folder, request.params.name)
  await pipeline(request.raw, createWriteStream(path))
  if (request.query.sync) for (const place of [path, folder]) await syncToDisk(place)
  return { done: true }
})
app.get<{ Params: { name: string } }>('/:name', (request, reply) =>
  reply.type('application/pdf').send(createReadStream(join(folder, request.params.name))),
)
app.delete<{ Params: { name: string } }>('/:name', async (request) => {
  await rm(join(folder, request.params.name))
  return { done: true }
})

async function syncToDisk(path: string): Promise<void> {
  const file = await open(path)
  await file.sync()
  await file.close()
}

process.send?.(await app.listen({ host: '127.0.0.1', port: 0 }))
