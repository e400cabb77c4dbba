import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Lets processes that tests start take over what others of this project have compiled: each is there in half of the time. */
export const compileCache = {
  NODE_COMPILE_CACHE: join(tmpdir(), 'studios-compile-cache'),
  NODE_OPTIONS: `--import=${new URL('./quick-imports.ts', import.meta.url).href}`,
}
