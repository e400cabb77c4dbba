import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { recordedBody } from './recorded-bodies.ts'
import { findDifferences, isRecord } from './shape.ts'

const exchange = z.object({
  name: z.string(),
  request: z.object({
    method: z.string(),
    path: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.unknown().optional(),
  }),
  response: z.object({ status: z.number(), headers: z.array(z.string()), body: z.unknown().optional() }),
})

type Exchange = z.output<typeof exchange>
type Recorded = Pick<Exchange, 'request' | 'response'>

const idPattern = /\b[0-9A-Za-z]{21}\b/g
const unknownId = /^A{21}$/
const settleMs = 5000
const rowMs = 150

export function readExchanges(): Exchange[] {
  const file = new URL('./recorded/exchanges.jsonl', import.meta.url)
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  return lines.map((line) => exchange.parse(JSON.parse(line)))
}

interface Asking {
  /** Differences that are meant. */
  departures: string[]
  awaits?: string | undefined
  headers?: Record<string, string> | undefined
}

/** Asks an engine what the recording asked, in its order, with the engine's own ids in place of the recorded ones. */
export class Replay {
  readonly #origin: string
  /** Where the flows of the recording send their requests. */
  readonly #sink: string
  readonly #cursors = new Map<string, string>()
  readonly #ids = new Map<string, string>()
  #token = ''
  #projectId = ''
  #lastFlow = ''

  constructor(origin: string, sink: string) {
    this.#origin = origin
    this.#sink = sink
  }

  /** How the engine's answer departs from the recorded one; what is only read is asked again until it has settled. */
  async play({ request, response }: Recorded, { departures, awaits, headers = {} }: Asking): Promise<string[]> {
    const asked = { ...request, headers: { ...request.headers, ...headers } }
    if (awaits !== undefined) await this.#await(request.path, awaits)
    const deadline = Date.now() + (request.method === 'GET' ? settleMs : 0)
    for (;;) {
      const found = await this.#ask({ request: asked, response })
      const differences = found.filter((difference) => !departures.includes(difference))
      if (differences.length === 0 || Date.now() > deadline) return differences
      await sleep(20)
    }
  }

  async #ask({ request, response }: Recorded): Promise<string[]> {
    const runsBefore = await this.#countRuns(request)
    const path = await this.#translate(request.path, response)
    const answer = await fetch(this.#origin + path, this.#init(request))
    const text = await answer.text()
    const body = text === '' ? undefined : parse(text)
    await this.#noteRun(request, answer.status, runsBefore)
    if (answer.status !== response.status)
      return [`status ${response.status} expected, ${answer.status} found: ${text}`]
    const missing = response.headers.filter((name) => !answer.headers.has(name)).map((name) => `no header ${name}`)
    const isExact = response.status >= 400
    const recorded = isExact ? parse(this.#withOwnIds(JSON.stringify(response.body ?? null))) : response.body
    const differences = findDifferences(recorded ?? null, body, isExact)
    if (answer.status < 400) this.#learn(response.body, body)
    return [...missing, ...differences]
  }

  #init(request: Recorded['request']): RequestInit {
    // The engine starts anew now and then: a connection kept from before would be a broken one.
    const headers: Record<string, string> = { connection: 'close' }
    for (const [name, value] of Object.entries(request.headers)) headers[name] = value.replace('$TOKEN', this.#token)
    if (request.body === undefined || request.body === null) return { method: request.method, headers }
    const body = recordedBody(request.body, this.#sink)
    return { method: request.method, headers, body: typeof body === 'string' ? this.#withOwnIds(body) : body }
  }

  async #await(path: string, status: string): Promise<void> {
    await this.#translate(path, undefined)
    const run = this.#withOwnIds(runOf(path) ?? '')
    const deadline = Date.now() + settleMs
    for (let now: unknown; now !== status && Date.now() < deadline; await sleep(10)) {
      const found = await this.#get(`/flow-runs/${run}`)
      now = isRecord(found) ? found['status'] : undefined
    }
  }

  async #translate(path: string, response: Recorded['response'] | undefined): Promise<string> {
    const run = runOf(path)
    if (run !== undefined && !this.#ids.has(run) && !unknownId.test(run)) await this.#findRun(run, response?.body)
    const waitpoint = /\/waitpoints\/([0-9A-Za-z]{21})/.exec(path)?.[1]
    if (run !== undefined && waitpoint !== undefined && !unknownId.test(waitpoint))
      await this.#findWaitpoint(run, waitpoint)
    return this.#withOwnIds(path).replace(/(?<=cursor=)[^&]+/, (cursor) => this.#cursors.get(cursor) ?? cursor)
  }

  /** A run the recording does not introduce: the newest of the flow that is not known, in the recorded state. */
  async #findRun(recordedId: string, body: unknown): Promise<void> {
    const status = isRecord(body) && typeof body['status'] === 'string' ? `&status=${body['status']}` : ''
    const known = new Set(this.#ids.values())
    for (let tries = 0; tries < settleMs / 20; tries += 1) {
      const runs = await this.#get(`/flow-runs?projectId=${this.#projectId}&flowId=${this.#lastFlow}&limit=50${status}`)
      const found = idsOf(runs).find((id) => !known.has(id))
      if (found !== undefined) return void this.#ids.set(recordedId, found)
      await sleep(20)
    }
  }

  async #findWaitpoint(run: string, waitpoint: string): Promise<void> {
    if (this.#ids.has(waitpoint)) return
    const text = JSON.stringify(await this.#get(`/flow-runs/${this.#ids.get(run)}`))
    const found = /waitpoints\/([0-9A-Za-z]{21})/.exec(text)?.[1]
    if (found !== undefined) this.#ids.set(waitpoint, found)
  }

  /** A call that should start a run is followed until its row is there, so that later exchanges find it. */
  async #noteRun(request: Recorded['request'], status: number, before: number): Promise<void> {
    const flow = webhookFlow(request.path)
    if (flow === undefined) return
    this.#lastFlow = this.#ids.get(flow) ?? flow
    const deadline = Date.now() + rowMs
    while (status === 200 && Date.now() < deadline && (await this.#countRuns(request)) <= before) await sleep(10)
  }

  async #countRuns(request: Recorded['request']): Promise<number> {
    const flow = this.#ids.get(webhookFlow(request.path) ?? '')
    if (flow === undefined || this.#projectId === '') return 0
    return idsOf(await this.#get(`/flow-runs?projectId=${this.#projectId}&flowId=${flow}&limit=100`)).length
  }

  async #get(path: string): Promise<unknown> {
    const headers = { authorization: `Bearer ${this.#token}`, connection: 'close' }
    return (await fetch(`${this.#origin}/api/v1${path}`, { headers })).json()
  }

  #withOwnIds(text: string): string {
    return text.replace(idPattern, (id) => this.#ids.get(id) ?? id)
  }

  #learn(recorded: unknown, actual: unknown): void {
    if (typeof recorded === 'string' && typeof actual === 'string') {
      if (isId(recorded) && isId(actual) && !this.#ids.has(recorded)) this.#ids.set(recorded, actual)
    } else if (Array.isArray(recorded) && Array.isArray(actual)) {
      for (const [index, item] of recorded.entries()) this.#learn(item, actual[index])
    } else if (isRecord(recorded) && isRecord(actual)) {
      if (typeof actual['token'] === 'string') this.#token = actual['token']
      if (typeof actual['projectId'] === 'string' && this.#projectId === '') this.#projectId = actual['projectId']
      const [page, ownPage] = [recorded['next'], actual['next']]
      if (typeof page === 'string' && typeof ownPage === 'string') {
        this.#cursors.set(encodeURIComponent(page), encodeURIComponent(ownPage))
      }
      for (const [key, value] of Object.entries(recorded)) this.#learn(value, actual[key])
    }
  }
}

function webhookFlow(path: string): string | undefined {
  return /\/webhooks\/([0-9A-Za-z]{21})/.exec(path)?.[1]
}

function runOf(path: string): string | undefined {
  return /\/flow-runs\/([0-9A-Za-z]{21})/.exec(path)?.[1]
}

function idsOf(page: unknown): string[] {
  const rows = isRecord(page) && Array.isArray(page['data']) ? page['data'] : []
  return rows.flatMap((row: unknown) => (isRecord(row) && typeof row['id'] === 'string' ? [row['id']] : []))
}

function isId(text: string): boolean {
  return /^[0-9A-Za-z]{21}$/.test(text)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
