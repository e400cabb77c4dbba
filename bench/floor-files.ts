import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import fastify, { type FastifyInstance } from 'fastify'
import pg from 'pg'
import { Agent, request } from 'undici'

/**
 * The least that keeps what is promised of an upload, without rights, forms, types and quotas: a service commits a row, hashes the
 * bytes as they pass on to a second service, which puts them on the disk for good under their name, and commits that they are there.
 */
const [, , part, place = '', next = ''] = process.argv
const app = fastify({ bodyLimit: 1024 ** 3 })
app.removeAllContentTypeParsers()
app.addContentTypeParser('*', (_request, _payload, done) => done(null))
if (part === 'front') registerFront(app, new pg.Pool({ connectionString: place, max: 8 }))
else registerBack(app)

function registerFront(front: FastifyInstance, pool: pg.Pool): void {
  const dispatcher = new Agent({ connections: 16 })
  front.post('/', async ({ raw }) => {
    const id = randomUUID()
    await pool.query('insert into bench_floor (id) values ($1)', [id])
    const hash = createHash('sha256')
    const hashed = Readable.from(
      (async function* () {
        for await (const chunk of raw) {
          hash.update(chunk)
          yield chunk
        }
      })(),
      { objectMode: false },
    )
    const headers = { 'content-type': 'application/pdf', 'content-length': String(raw.headers['content-length']) }
    const { body } = await request(`${next}/${id}`, { method: 'POST', dispatcher, headers, body: hashed })
    await body.dump()
    await pool.query('update bench_floor set checksum = $2 where id = $1', [id, hash.digest('hex')])
    return { done: true }
  })
}

function registerBack(back: FastifyInstance): void {
  back.post<{ Params: { name: string } }>('/:name', async ({ raw, params }) => {
    const path = join(place, params.name)
    await pipeline(raw, createWriteStream(`${path}.part`))
    await syncToDisk(`${path}.part`)
    await rename(`${path}.part`, path)
    await syncToDisk(place)
    return { done: true }
  })
}

async function syncToDisk(path: string): Promise<void> {
  const file = await open(path)
  await file.sync()
  await file.close()
}

process.send?.(await app.listen({ host: '127.0.0.1', port: 0 }))
