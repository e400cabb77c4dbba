import pg from 'pg'

export interface ListenOptions {
  url: string
  channels: string[]
  onNotice(channel: string, payload: string): void
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
    next.on('end', () => retry())
    next.on('notification', ({ channel, payload }) => options.onNotice(channel, payload ?? ''))
    await next.connect()
    for (const channel of options.channels) await next.query(`listen ${pg.escapeIdentifier(channel)}`)
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
