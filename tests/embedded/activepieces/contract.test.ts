import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { startEngine } from '../../../src/embedded/activepieces/index.ts'
import { Replay, readExchanges } from './replay.ts'
import { temporaryFolder, urlOf } from './support.ts'

/** Recorded exchanges that the embedded engine does not answer alike, and why. */
const outside: Record<string, string> = {
  'install piece-webhook from npm (CE, platform admin)': 'pieces are built in',
  'upload private piece tags (multipart ARCHIVE)': 'pieces are built in',
  'upload private piece delay (multipart ARCHIVE)': 'pieces are built in',
  'upload private piece approval (multipart ARCHIVE)': 'pieces are built in',
  'upload private piece http (multipart ARCHIVE)': 'pieces are built in',
  'upload private piece webhook (multipart ARCHIVE)': 'pieces are built in',
  'unknown route outside /api': 'there is no web interface to fall back to',
  platform: 'only the fields a client of the API reads',
  'openapi docs json': 'no OpenAPI document of its own',
  'alerts in CE': 'no alerts',
  'create template': 'no template gallery',
  'users invitations': 'no invitations',
  'B resume (sync) through the header URL': 'a race of the recording; see waitpoints.test.ts',
  'B2 resume sync, slow second phase': 'a race of the recording; see waitpoints.test.ts',
  'B resume again': 'another race: here the run has ended by then, which is 409',
  'worker down: async': 'needs an installation without workers; see webhooks.test.ts',
  'worker down: list (async run has no record yet: it is created by the worker)': 'as above',
  'worker down: sync': 'as above',
  'worker down: list after sync': 'as above',
  'worker down: health': 'as above',
  'worker back: list': 'as above',
  'R delete': 'cleans up after the worker tests',
  'worker down 2: async 0': 'as above',
  'worker down 2: async 1': 'as above',
  'worker down 2: async 2': 'as above',
  'sign-in 0': 'needs fifty calls; see authentication.test.ts',
  'sign-in 49': 'as above',
  'sign-in 50': 'as above',
}

/** Where the embedded engine departs from the recording on purpose. */
const departures: Record<string, string[]> = {
  'D get RUNNING run': ['.steps.step_1: not in the recording'],
  'list pieces': ['.0.archiveId: string expected, null found'],
}

test('answers what a real server was asked as that server did', async () => {
  const engine = await startEngine({
    dataDir: temporaryFolder(),
    workers: 2,
    limits: {
      webhookTimeoutMs: 150,
      webhookPayloadBytes: 2_600_000,
      bodyBytes: 5_600_000,
      flowTimeoutMs: 1200,
      deletionDelayMs: 600,
    },
  })
  const sink = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1')
  await once(sink, 'listening')
  onTestFinished(() => void sink.close())
  const replay = new Replay(engine.url.replace('/api/v1', ''), urlOf(sink))
  const differing: Record<string, string[]> = {}
  for (const [index, { name, request, response }] of readExchanges().entries()) {
    if (request === undefined || response === undefined) {
      expect(outside, `${index} ${name} is left out without a reason`).toHaveProperty([name])
      continue
    }
    const differences = await replay.play({ request, response }, departures[name] ?? [])
    if (differences.length > 0) differing[`${index} ${name}`] = differences
  }
  await engine.close()
  expect(differing).toEqual({})
}, 60_000)
