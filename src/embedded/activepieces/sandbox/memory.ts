import { newQuickJSWASMModuleFromVariant, newVariant, type QuickJSWASMModule, RELEASE_SYNC } from 'quickjs-emscripten'

const pageBytes = 65_536
/** What the machine needs before any code is in it. */
const initialPages = 256

interface MemoryLimits {
  initial: number
  maximum: number
}

declare global {
  // The runtime has it; its type comes with the browser's library only, which this project does not use.
  var WebAssembly: { Memory: new (limits: MemoryLimits) => object }
}

/**
 * A machine whose whole memory ends at the limit. The limit QuickJS keeps itself does not do: compiled to WebAssembly
 * it does not see the sizes of what it allocates, and counts eight bytes for each.
 */
export async function createBoundedMachine(memoryBytes: number): Promise<QuickJSWASMModule> {
  const maximum = Math.max(initialPages, Math.floor(memoryBytes / pageBytes))
  const wasmMemory = new WebAssembly.Memory({ initial: initialPages, maximum })
  return newQuickJSWASMModuleFromVariant(newVariant(RELEASE_SYNC, { wasmMemory }))
}
