import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEngine } from '../src/embedded/activepieces/index.ts'

/** The embedded engine alone, as a process of its own; it says its address and stays for as long as its parent does. */
const dataDir = mkdtempSync(join(tmpdir(), 'studios-bench-engine-'))
const engine = await startEngine({ dataDir })
process.on('disconnect', () => {
  void engine.close().then(() => {
    rmSync(dataDir, { recursive: true, force: true })
    process.exit()
  })
})
process.send?.(engine.url.replace(/\/api\/v1$/, ''))
