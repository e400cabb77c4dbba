import { parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { runJob } from './machine.ts'
import { createBoundedMachine } from './memory.ts'
import { codeJob } from './protocol.ts'

const { memoryBytes } = z.object({ memoryBytes: z.number() }).parse(workerData)
const machine = await createBoundedMachine(memoryBytes)
const warmUp = { source: 'exports.code = () => 1', input: '{}', timeoutMs: 5000, stackBytes: 1 << 20, outputChars: 10 }
await runJob(machine, warmUp)

parentPort?.on('message', (message: unknown) => {
  void runJob(machine, codeJob.parse(message)).then(({ result, isClean }) => {
    parentPort?.postMessage({ type: 'done', result, isReusable: isClean })
  })
})
parentPort?.postMessage({ type: 'ready' })
