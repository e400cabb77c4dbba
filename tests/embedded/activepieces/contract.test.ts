import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { type EngineOptions, startEngine } from '../../../src/embedded/activepieces/index.ts'
import { cues } from './cues.ts'
import { Replay, readExchanges } from './replay.ts'
import { temporaryFolder, urlOf } from './support.ts'

/** Where the embedded engine departs from the recording on purpose. */
const departures: Record<string, string[]> = {
  'D get RUNNING run': ['.steps.step_1: not in the recording'],
  // Notes for people who edit flows, and settings and actions that flows here cannot use.
  'upload private piece tags (multipart ARCHIVE)': ['.actions.add_tag.props.info: missing'],
  'upload private piece delay (multipart ARCHIVE)': [
    '.actions.delayFor.props.markdown: missing',
    '.actions.delay_until.props.markdown: missing',
  ],
  'upload private piece approval (multipart ARCHIVE)': [
    '.actions.wait_for_approval.props.markdown: missing',
    '.actions.create_approval_links.props.markdown: missing',
  ],
  'upload private piece http (multipart ARCHIVE)': [
    '.actions.parse_url: missing',
    '.actions.send_request.props.use_proxy: missing',
    '.actions.send_request.props.proxy_settings: missing',
  ],
  'upload private piece webhook (multipart ARCHIVE)': [
    '.actions.return_response_and_wait_for_next_webhook.props.markdown: missing',
    '.triggers.catch_webhook.props.liveMarkdown: missing',
    '.triggers.catch_webhook.props.syncMarkdown: missing',
    '.triggers.catch_webhook.props.testMarkdown: missing',
  ],
  // The recording was cut before the document came to its paths.
  'openapi docs json': ['.paths: not in the recording'],
}

const limits = {
  webhookTimeoutMs: 250,
  webhookPayloadBytes: 2_600_000,
  bodyBytes: 5_600_000,
  deletionDelayMs: 600,
  closeGraceMs: 10_000,
}

/** An engine that can be started again on the same data and the same address. */
async function startStage() {
  const dataDir = temporaryFolder()
  const start = (options: Pick<EngineOptions, 'workers' | 'limits' | 'port'>) =>
    startEngine({ dataDir, workers: 2, ...options, limits: { ...limits, ...options.limits } })
  let engine = await start({})
  onTestFinished(() => engine.close())
  const origin = new URL(engine.url).origin
  const change = async (options: Pick<EngineOptions, 'workers' | 'limits'>) => {
    await engine.close()
    engine = await start({ ...options, port: Number(new URL(origin).port) })
  }
  return { origin, change }
}

test('answers what a real server was asked as that server did', async () => {
  const stage = await startStage()
  const sink = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1')
  await once(sink, 'listening')
  onTestFinished(() => void sink.close())
  const replay = new Replay(stage.origin, urlOf(sink))
  const differing: Record<string, string[]> = {}
  for (const [index, { name, request, response }] of readExchanges().entries()) {
    const { engine, awaits, headers, times = 1 } = cues[name] ?? {}
    if (engine !== undefined) await stage.change(engine)
    const asking = { departures: departures[name] ?? [], awaits, headers }
    await Promise.all(Array.from({ length: times - 1 }, () => replay.play({ request, response }, asking)))
    const differences = await replay.play({ request, response }, asking)
    if (differences.length > 0) differing[`${index} ${name}`] = differences
  }
  expect(differing).toEqual({})
}, 60_000)
