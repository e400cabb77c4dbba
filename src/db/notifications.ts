import pg from 'pg'

export interface ListenOptions {
  url: string
  channels: string[]
  onNotice(channel: string, payload: string): void
  /** A name that the connection holds a lock on for as long as it lives: by it others see at once whether its owner does. */
  sign?: string
  /** The connection, and with it the sign, is lost; `onGap` says when it is back. */
  onLost?(): void
  /** The connection was lost or is back: whoever waits should look for itself. */
  onGap(): void
  onError(error: Error): void
}

export interface Listening {
  /** Tells all listeners; what comes while others are being told goes out together. Without a connection it is dropped: listeners look by themselves, too. */
  tell(channel: string, payload: string): void
  close(): Promise<void>
}

const reconnectMs = 500
const tellStatement = 'select pg_notify(n.channel, n.payload) from json_to_recordset($1) n (channel text, payload text)'

/** One LISTEN connection for the whole process; it comes back by itself and says that something may have been missed. */
export async function listen(options: ListenOptions): Promise<Listening> {
  let client: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  let unsaid: { channel: string; payload: string }[] = []
  let isTelling = false

  async function connect(): Promise<void> {
    const next = new pg.Client({ connectionString: options.url, application_name: 'studios-listen', keepAlive: true })
    next.on('error', options.onError)
    next.on('end', () => {
      options.onLost?.()
      retry()
    })
    next.on('notification', ({ channel, payload }) => options.onNotice(channel, payload ?? ''))
    await next.connect()
    for (const channel of options.channels) await next.query(`listen ${pg.escapeIdentifier(channel)}`)
    if (options.sign) await next.query('select pg_advisory_lock(hashtextextended($1, 0))', [options.sign])
    client = next
    options.onGap()
  }

  async function tellAll(): Promise<void> {
    while (client && unsaid.length > 0) {
      const news = JSON.stringify(unsaid.splice(0))
      await client.query(tellStatement, [news]).catch(options.onError)
    }
    unsaid = []
    isTelling = false
  }

  function retry(): void {
    client = undefined
    if (isClosed) return
    clearTimeout(timer)
    timer = setTimeout(() => {
      connect().catch((error: Error) => {
        options.onError(error)
        retry()
      })
    }, reconnectMs)
  }

  await connect().catch((error) => {
    isClosed = true
    clearTimeout(timer)
    throw error
  })
  return {
    tell: (channel, payload) => {
      unsaid.push({ channel, payload })
      if (isTelling) return
      isTelling = true
      queueMicrotask(tellAll)
    },
    close: async () => {
      isClosed = true
      clearTimeout(timer)
      await client?.end()
    },
  }
}
