import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, inject, onTestFinished } from 'vitest'
import { z } from 'zod'
import { type EmbeddedEngine, type EngineOptions, startEngine } from '../../../src/embedded/activepieces/index.ts'

const pollMs = 10

export const runShape = z.looseObject({
  id: z.string(),
  status: z.string(),
  tags: z.array(z.string()),
  parentRunId: z.string().nullable(),
  startTime: z.string().nullable(),
  finishTime: z.string().nullable(),
  logsFileId: z.string().nullable(),
  stepsCount: z.number(),
  failedStep: z.object({ name: z.string(), message: z.string(), displayName: z.string() }).nullable(),
  steps: z.record(
    z.string(),
    z.looseObject({
      type: z.string(),
      status: z.string(),
      input: z.unknown().optional(),
      output: z.unknown().optional(),
      outputType: z.string().optional(),
      errorMessage: z.string().optional(),
    }),
  ),
})
export type RunView = z.output<typeof runShape>

const runPage = z.object({ data: z.array(z.looseObject({ id: z.string(), status: z.string() })) })
const account = z.looseObject({ token: z.string(), projectId: z.string().nullable() })

export interface Answer {
  status: number
  headers: Headers
  body: unknown
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'engine-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A client of one engine; signs in as the owner of its project. */
export class Client {
  readonly base: string
  token = ''
  projectId = ''

  constructor(base: string) {
    this.base = base
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const json: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
    const authorization: Record<string, string> = this.token === '' ? {} : { authorization: `Bearer ${this.token}` }
    const init = { method, headers: { ...json, ...authorization, ...headers } }
    const payload = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(this.base + path, body === undefined ? init : { ...init, body: payload })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? null : parsed(text) }
  }

  /** Makes the account and its platform. */
  async signUp(): Promise<this> {
    const person = { ...credentials, firstName: 'Ana', lastName: 'Lima', trackEvents: false, newsLetter: false }
    this.token = account.parse((await this.call('POST', '/authentication/sign-up', person)).body).token
    const made = account.parse((await this.call('POST', '/platforms', { name: 'Acme' })).body)
    this.token = made.token
    this.projectId = made.projectId ?? ''
    return this
  }

  async signIn(): Promise<this> {
    const made = account.parse((await this.call('POST', '/authentication/sign-in', credentials)).body)
    this.token = made.token
    this.projectId = made.projectId ?? ''
    return this
  }

  /** A published flow with these steps; gives its id. */
  async publish(trigger: object): Promise<string> {
    const made = await this.call('POST', '/flows', { displayName: 'Test flow', projectId: this.projectId })
    const { id } = z.looseObject({ id: z.string() }).parse(made.body)
    const request = { displayName: 'Test flow', schemaVersion: '20', notes: null, trigger }
    await this.call('POST', `/flows/${id}`, { type: 'IMPORT_FLOW', request })
    const published = await this.call('POST', `/flows/${id}`, { type: 'LOCK_AND_PUBLISH', request: {} })
    if (published.status !== 200) throw new Error(`Publishing failed: ${JSON.stringify(published.body)}`)
    return id
  }

  trigger(flowId: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Answer> {
    return new Client(this.base).call('POST', `/webhooks/${flowId}`, body, headers)
  }

  triggerSync(flowId: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Answer> {
    return new Client(this.base).call('POST', `/webhooks/${flowId}/sync`, body, headers)
  }

  async listRuns(query = ''): Promise<{ id: string; status: string }[]> {
    const answer = await this.call('GET', `/flow-runs?projectId=${this.projectId}&limit=100${query}`)
    return runPage.parse(answer.body).data
  }

  async run(runId: string): Promise<RunView> {
    return runShape.parse((await this.call('GET', `/flow-runs/${runId}`)).body)
  }

  /** The run once it is in one of the states. */
  waitForRun(runId: string, ...statuses: string[]): Promise<RunView> {
    return eventually(async () => {
      const run = await this.run(runId)
      return statuses.includes(run.status) ? run : undefined
    })
  }

  /** The newest run of the flow, once it exists and is in one of the states. */
  async waitForNewest(flowId: string, ...statuses: string[]): Promise<RunView> {
    const id = await eventually(async () => (await this.listRuns(`&flowId=${flowId}`))[0]?.id)
    return this.waitForRun(id, ...statuses)
  }

  /** Triggers the flow and waits for the end of its run. */
  async runToEnd(flowId: string, body: unknown = {}): Promise<RunView> {
    const before = (await this.listRuns(`&flowId=${flowId}`)).length
    await this.trigger(flowId, body)
    await eventually(async () => ((await this.listRuns(`&flowId=${flowId}`)).length > before ? true : undefined))
    return this.waitForNewest(flowId, ...terminal)
  }
}

export const terminal = [
  ...['SUCCEEDED', 'FAILED', 'TIMEOUT', 'CANCELED', 'INTERNAL_ERROR'],
  ...['MEMORY_LIMIT_EXCEEDED', 'LOG_SIZE_EXCEEDED', 'PAUSED'],
]
export const credentials = { email: 'ana@example.com', password: 'correct-horse' }

/** An engine on a folder of its own, closed with the test, and its signed-in client. */
export async function startTestEngine(options: Partial<EngineOptions> = {}) {
  const engine = await startEngine({ dataDir: options.dataDir ?? temporaryFolder(), ...options })
  onTestFinished(() => engine.close())
  return { engine, client: await new Client(engine.url).signUp() }
}

const shared = new Map<string, Promise<{ engine: EmbeddedEngine; client: Client }>>()

let sharing: string | undefined

/** The engine with these options that the tests of a file share; each makes flows of its own in it. */
export async function sharedEngine(options: Partial<EngineOptions> = {}): Promise<{ client: Client }> {
  const { testPath } = expect.getState()
  if (sharing !== testPath) await closeShared()
  sharing = testPath
  const key = JSON.stringify(options)
  const known = shared.get(key)
  if (known !== undefined) return known
  const folder = mkdtempSync(join(inject('scratch'), 'engine-'))
  const started = startEngine({ dataDir: folder, ...options }).then(async (engine) => {
    return { engine, client: await new Client(engine.url).signUp() }
  })
  shared.set(key, started)
  return started
}

// Files that run one after the other in a worker share its modules, too: the engines of the last one go.
async function closeShared(): Promise<void> {
  const before = await Promise.all(shared.values())
  shared.clear()
  for (const { engine } of before) await engine.close()
}

export async function restart(dataDir: string, options: Partial<EngineOptions> = {}) {
  const engine: EmbeddedEngine = await startEngine({ dataDir, ...options })
  onTestFinished(() => engine.close())
  return { engine, client: await new Client(engine.url).signIn() }
}

/** The first value that is not undefined, within the time. */
export async function eventually<T>(look: () => Promise<T | undefined>, withinMs = 10_000): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error('It did not happen in time')
    await sleep(pollMs)
  }
}

export function urlOf(server: Server): string {
  const address = server.address()
  return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : ''
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
