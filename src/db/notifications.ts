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
  close(): Promise<void>
}

const reconnectMs = 500

/** One LISTEN connection for the whole process; it comes back by itself and says that something may have been missed. */
export async function listen(options: ListenOptions): Promise<Listening> {
  let client: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

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
    close: async () => {
      isClosed = true
      clearTimeout(timer)
      await client?.end()
    },
  }
}
