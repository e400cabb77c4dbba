import { type Verdict, verifyFlow } from '../../src/services/workflows/verification.ts'
import { textTable } from '../output.ts'
import { publishedCatalog, withEngine } from './services.ts'

const words = {
  asExpected: 'as expected',
  differs: 'differs',
  failed: 'failed',
  notStarted: 'not started',
  noEnd: 'no end',
} satisfies Record<Verdict['state'], string>

/** Runs every workflow of the catalog with its sample at the engine. @throws when one gives another result than expected */
export async function verifyCatalog(): Promise<void> {
  const rows = await withEngine(async (at) => {
    const told: string[][] = []
    for (const { manifest, published, ...entry } of await publishedCatalog(at)) {
      const startedAt = performance.now()
      const verdict = published?.flowId
        ? await verifyFlow(at.engine, { ...entry, flowId: published.flowId, resultStep: manifest.resultStep })
        : notPublished
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
      told.push([manifest.slug, words[verdict.state], seconds, verdict.difference])
    }
    return told
  })
  process.stdout.write(`${textTable(['workflow', 'state', 'seconds', 'difference'], rows)}\n`)
  const wrong = rows.filter(([, state]) => state !== words.asExpected).length
  if (wrong > 0) throw new Error(`${wrong} of ${rows.length} workflows did not give the expected result.`)
}

const notPublished: Verdict = {
  state: 'notStarted',
  difference: 'it is not published; `studios engine publish` does that',
}
