import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Lets processes that tests start take over what others of this project have compiled: each is there in two thirds of the time. */
export const compileCache = { NODE_COMPILE_CACHE: join(tmpdir(), 'studios-compile-cache') }
