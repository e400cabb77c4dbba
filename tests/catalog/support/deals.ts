import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

/** The whole sales pipeline of the practice set: 8,800 deals. */
export function fullPipeline(): string {
  return gunzipSync(readFileSync(new URL('../fixtures/sales-pipeline.csv.gz', import.meta.url))).toString('utf8')
}
