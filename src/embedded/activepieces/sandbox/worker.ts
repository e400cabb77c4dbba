import { parentPort } from 'node:worker_threads'
import { newQuickJSWASMModule } from 'quickjs-emscripten'
import { runJob } from './machine.ts'
import { codeJob } from './protocol.ts'

const quickjs = await newQuickJSWASMModule()
const warmUp = { source: 'exports.code = () => 1', input: '{}', timeoutMs: 5000 }
await runJob(quickjs, { ...warmUp, memoryBytes: 16 << 20, stackBytes: 1 << 20, outputChars: 10 })

parentPort?.on('message', (message: unknown) => {
  void runJob(quickjs, codeJob.parse(message)).then(({ result, isClean }) => {
    parentPort?.postMessage({ type: 'done', result, isReusable: isClean })
  })
})
parentPort?.postMessage({ type: 'ready' })
