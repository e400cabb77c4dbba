import { createServer, type ServerResponse } from 'node:http'
import pg from 'pg'

/**
 * The least that takes a message and shows it to watchers: a row and a NOTIFY in one statement that commits, one LISTEN connection,
 * and a read by each watcher. It checks nothing and knows no company.
 */
const [, , url = ''] = process.argv
const pool = new pg.Pool({ connectionString: url, max: 20 })
const listening = new pg.Client({ connectionString: url })
const watchers = new Map<ServerResponse, number>()

await pool.query('create table if not exists floor_messages (id bigserial primary key, message text not null)')
await listening.connect()
await listening.query('listen floor_messages')
listening.on('notification', () => {
  for (const watcher of watchers.keys()) void show(watcher)
})

const keep = {
  name: 'keep',
  text: `with kept as (insert into floor_messages (message) values ($1) returning id) select pg_notify('floor_messages', id::text) from kept`,
}
const find = { name: 'find', text: 'select id, message from floor_messages where id > $1 order by id limit 100' }

async function show(watcher: ServerResponse): Promise<void> {
  const { rows } = await pool.query({ ...find, values: [watchers.get(watcher)] })
  for (const { id, message } of rows) {
    watchers.set(watcher, Number(id))
    watcher.write(`id: ${id}\ndata: ${JSON.stringify({ message })}\n\n`)
  }
}

const server = createServer(async (request, response) => {
  if (request.method === 'GET') {
    const { rows } = await pool.query('select coalesce(max(id), 0) as last from floor_messages')
    watchers.set(response, Number(rows[0].last))
    response.once('close', () => watchers.delete(response))
    return response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n')
  }
  const { message } = JSON.parse(Buffer.concat(await request.toArray()).toString())
  await pool.query({ ...keep, values: [message] })
  return response.end('{}')
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`)
})
