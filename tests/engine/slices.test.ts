import { describe, expect, test } from 'vitest'
import { answers, type Behaviour, faultyEngine } from './support/faulty-server.ts'

const runId = 'R'.repeat(21)
const file = '/api/v1/files/abc?token=secret'

/** An engine whose run has its output behind a link; `publicUrl` stands in its flags. */
function engineWithLink(linkOrigin: (own: string) => string, publicUrl?: string) {
  const behave: Behaviour = (request, response) => {
    const own = `http://${request.headers.host}`
    const url = `${linkOrigin(own)}${file}`
    const work = { type: 'CODE', status: 'SUCCEEDED', outputType: 'slice', output: { fileId: 'abc', size: 9, url } }
    if (request.url === '/api/v1/flags') return answers(200, { PUBLIC_URL: publicUrl ?? own })(request, response)
    if (request.url === file) return answers(200, { whole: true })(request, response)
    answers(200, { id: runId, status: 'SUCCEEDED', steps: { work } })(request, response)
  }
  return faultyEngine([behave])
}

const outputOf = async (engine: Awaited<ReturnType<typeof faultyEngine>>['engine']) =>
  (await engine.getRun(runId, 'work'))?.steps[0]?.output

describe('the link to a large output', () => {
  test("is followed to the engine's own address", async () => {
    const { engine, calls } = await engineWithLink((own) => own)
    expect(await outputOf(engine)).toEqual({ whole: true })
    expect(calls).toEqual([`GET /api/v1/flow-runs/${runId}`, `GET ${file}`])
  })

  test('is followed to the public address that the engine names', async () => {
    const front = await faultyEngine([answers(200, { from: 'the front' })])
    const { engine } = await engineWithLink(() => front.url, `${front.url}/`)
    expect(await outputOf(engine)).toEqual({ from: 'the front' })
    expect(front.calls).toEqual([`GET ${file}`])
  })

  test('to anywhere else is turned back to the engine itself', async () => {
    const stranger = await faultyEngine([answers(200, { from: 'a stranger' })])
    const { engine } = await engineWithLink(() => stranger.url)
    expect(await outputOf(engine)).toEqual({ whole: true })
    expect(stranger.calls).toEqual([])
  })

  test('that is none, or leads to nothing, is told as such', async () => {
    const none = await engineWithLink(() => 'nonsense')
    await expect(outputOf(none.engine)).rejects.toThrow('no link')
    const steps = { work: { outputType: 'slice', output: { size: 1, url: 'http://elsewhere.example/gone' } } }
    const gone: Behaviour = (request, response) =>
      request.url?.startsWith('/gone')
        ? answers(404)(request, response)
        : answers(200, { id: runId, status: 'SUCCEEDED', steps })(request, response)
    const { engine } = await faultyEngine([gone])
    await expect(outputOf(engine)).rejects.toThrow('status 404')
  })
})
