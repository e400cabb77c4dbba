import { randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { engineSecretHeader, engineSecretPlaceholder } from '../../catalog/flow-builder.ts'
import { type GivenFile, requestBody } from '../../catalog/flow-run.ts'
import { catalogSlugs, loadCatalog } from '../../catalog/index.ts'
import { readable } from '../../src/engine/run.ts'
import { startSink } from '../embedded/activepieces/sink.ts'
import { eventually, sharedEngine, terminal } from '../embedded/activepieces/support.ts'
import { fullPipeline } from './support/deals.ts'
import { servedFile } from './support/served-file.ts'

const slugs = await catalogSlugs()
const entries = new Map((await loadCatalog()).map((entry) => [entry.manifest.slug, entry]))
const copiesOfPipeline = 16
// Ten megabytes take some seconds, more on a machine that is busy.
const patienceMs = 100_000
const secret = { [engineSecretHeader]: engineSecretPlaceholder }
const published = new Map<string, Promise<string>>()
const told = z.object({ output: z.record(z.string(), z.unknown()) })

function entryOf(slug: string) {
  const entry = entries.get(slug)
  if (entry === undefined) throw new Error(`no workflow ${slug}`)
  const { data, ...others } = entry.sampleInput
  return { ...entry, text: String(data), others }
}

/** Runs a workflow at the engine; gives the run, and the result that it told. */
async function run(slug: string, input: Record<string, unknown>, files: GivenFile[]) {
  const { client } = await sharedEngine()
  const flowId = await flowOf(slug)
  const sink = await startSink()
  const correlationId = randomUUID()
  const body = { ...requestBody(input, files), correlationId, callback: { url: sink.url, token: 'none' } }
  await client.trigger(flowId, body, secret)
  const id = await eventually(async () => (await client.listRuns(`&flowId=${flowId}&tags=${correlationId}`))[0]?.id)
  const ended = await eventually(async () => {
    const seen = await client.run(id)
    return terminal.includes(seen.status) ? seen : undefined
  }, patienceMs)
  const [message] = sink.seen
  return { ...ended, result: message && told.parse(JSON.parse(message.body)).output }
}

async function flowOf(slug: string): Promise<string> {
  const { client } = await sharedEngine()
  const known = published.get(slug) ?? client.publish(z.looseObject({}).parse(entryOf(slug).flow.trigger))
  published.set(slug, known)
  return known
}

function withFile(slug: string, file: GivenFile) {
  return run(slug, { ...entryOf(slug).others, file: file.id }, [file])
}

test(
  'a file of ten megabytes is read, and the steps show nothing of it whole',
  async () => {
    const [header = '', ...rows] = fullPipeline().trim().split('\n')
    const copies = Array.from({ length: copiesOfPipeline }, (_, copy) =>
      rows.map((line) => `${copy}-${line}`).join('\n'),
    )
    const file = await servedFile(`${header}\n${copies.join('\n')}\n`)
    expect(file.size).toBeGreaterThan(10_000_000)
    const { status, steps, result } = await run('deal-pipeline-analysis', { file: file.id }, [file])
    expect(status).toBe('SUCCEEDED')
    expect(result).toMatchObject({
      data: { figures: { opportunities: copiesOfPipeline * 8800, wonValue: String(copiesOfPipeline * 10_005_534) } },
    })
    expect(steps['read_studio_file']?.outputType).toBe('slice')
    expect(JSON.stringify(steps).length).toBeLessThan(100_000)
  },
  patienceMs + 20_000,
)

describe.each(slugs)('%s with a file', (slug) => {
  const { text, exampleResult } = entryOf(slug)

  test('gives the same result as with the same text', async () => {
    const file = await servedFile(text)
    const { status, result } = await withFile(slug, file)
    expect(status).toBe('SUCCEEDED')
    expect(result).toEqual(exampleResult)
    expect(file.asked()).toBe(1)
  })

  test('reads one with a byte order mark and the line breaks of Windows', async () => {
    const bare = text.replace('\uFEFF', '').replace(/\r\n?/g, '\n')
    const { result } = await withFile(slug, await servedFile(`\uFEFF${bare.replaceAll('\n', '\r\n')}`))
    expect(result).toEqual(exampleResult)
  })

  test('warns of one that was not saved in UTF-8, whose letters may be others', async () => {
    const file = await servedFile(text, 200, { 'x-converted-from': 'windows-1252' })
    const { result } = await withFile(slug, file)
    const warning = {
      code: 'not_utf8',
      message: expect.stringContaining('read as windows-1252'),
      columns: [],
      lines: [],
    }
    expect(result?.['warnings']).toContainEqual({ ...warning, count: 1 })
  })

  test('asks nobody when the text was pasted', async () => {
    const { steps, result } = await run(slug, entryOf(slug).sampleInput, [])
    expect(result).toEqual(exampleResult)
    expect(steps).toHaveProperty('look_for_file')
    expect(steps).not.toHaveProperty('read_studio_file')
  })

  test.each([404, 410, 503])('fails when the link answers %i, with nothing of the file told', async (status) => {
    const { failedStep, result } = await withFile(slug, await servedFile(text, status))
    expect(failedStep?.name).toBe('read_studio_file')
    expect(failedStep?.message).toContain(String(status))
    expect(result).toBeUndefined()
  })

  test.each([
    ['another good answer than the file', () => servedFile(text, 203), 'link answered 203, not 200'],
    ['an empty file', () => servedFile(''), 'The file is empty'],
    ['a file of JSON', () => servedFile('{"rows":[]}'), /column|rows/],
    ['a workbook', () => servedFile(Buffer.from('PK\u0003\u0004\u0014\0\u0006\0')), 'not text in UTF-8'],
    ['text in UTF-16', () => servedFile(Buffer.from(`\uFEFF${text}`, 'utf16le')), 'not text in UTF-8'],
    ['a packed file', () => servedFile(gzipSync(text)), /UTF-8|column/],
  ] as const)('says so of %s', async (_, file, message) => {
    const { failedStep, steps } = await withFile(slug, await file())
    expect(failedStep?.name).toMatch(/^read_/)
    expect(readable(steps[failedStep?.name ?? '']?.errorMessage)).toMatch(message)
  })

  test('refuses one that is too large before it fetches it', async () => {
    const file = await servedFile(text)
    const { description = '' } = entryOf(slug).manifest.inputSchema.properties['file'] ?? {}
    const most = Number(/at most (\d+) MB/.exec(description)?.[1])
    const { failedStep } = await withFile(slug, { ...file, size: most * 1_000_000 + 1 })
    expect(failedStep?.name).toBe('check_request')
    expect(failedStep?.message).toContain(`The file has ${most + 1} MB; this workflow reads at most ${most} MB.`)
    expect(file.asked()).toBe(0)
  })

  test('fails when a file was chosen and no link came', async () => {
    const { failedStep } = await run(slug, { ...entryOf(slug).others, file: 'chosen' }, [])
    expect(failedStep?.message).toContain('did not come with the request')
  })
})
