import { Agent, request } from 'undici'

/** Messages that are sent one after the other, each once all watchers have the one before. */
export interface WatchOrder {
  url: string
  token: string
  companyId: string
  watchers: number
  /** Of the messages, how many are not counted. */
  warmUps: number
  messages: { executionId: string; secret: string; text: string }[]
}

/** Milliseconds from sending a message: until it is answered, and until each watcher has it. */
export interface WatchOutcome {
  answered: number[]
  arrived: number[]
}

const dispatcher = new Agent({ connections: null, bodyTimeout: 0 })

process.on('message', (order: WatchOrder) => {
  run(order).then(
    (outcome) => process.send?.(outcome),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})

async function run(order: WatchOrder): Promise<WatchOutcome> {
  const hall = await openWatchers(order)
  const outcome: WatchOutcome = { answered: [], arrived: [] }
  for (const message of order.messages) {
    const arrivals = hall.expect(message.text)
    const sentAt = performance.now()
    await tell(order.url, message)
    outcome.answered.push(performance.now() - sentAt)
    for (const at of await arrivals) outcome.arrived.push(at - sentAt)
  }
  hall.close()
  return {
    answered: outcome.answered.slice(order.warmUps),
    arrived: outcome.arrived.slice(order.warmUps * order.watchers),
  }
}

async function tell(url: string, { executionId, secret, text }: WatchOrder['messages'][number]): Promise<void> {
  const { statusCode, body } = await request(`${url}/callbacks/activepieces/${executionId}`, {
    dispatcher,
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ id: text, type: 'log', message: text }),
  })
  const answer = await body.text()
  if (statusCode !== 200) throw new Error(`the callback was answered ${statusCode}: ${answer}`)
}

/** Watchers that have all begun; `expect` gives when each of them got a message. */
async function openWatchers({ url, token, companyId, watchers }: WatchOrder) {
  const gone = new AbortController()
  let heard: (text: string, watcher: number) => void = () => undefined
  const open = async (watcher: number) => {
    const { body } = await request(`${url}/api/v1/companies/${companyId}/executions/watch`, {
      dispatcher,
      headers: { authorization: `Bearer ${token}` },
      signal: gone.signal,
    })
    body.setEncoding('utf8').on('error', () => undefined)
    await new Promise((done) => body.once('data', done))
    body.on('data', (text: string) => heard(text, watcher))
  }
  await Promise.all(Array.from({ length: watchers }, (_, watcher) => open(watcher)))
  return {
    close: () => gone.abort(),
    expect: (message: string) =>
      new Promise<number[]>((done) => {
        const arrivals = new Map<number, number>()
        heard = (text, watcher) => {
          if (!text.includes(message) || arrivals.has(watcher)) return
          arrivals.set(watcher, performance.now())
          if (arrivals.size === watchers) done([...arrivals.values()])
        }
      }),
  }
}

process.send?.('ready')
