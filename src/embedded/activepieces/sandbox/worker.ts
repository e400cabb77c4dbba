import { parentPort, workerData } from 'node:worker_threads'
import { asObject } from '../json.ts'
import { runJob } from './machine.ts'
import { createBoundedMachine } from './memory.ts'
import { isCodeJob } from './protocol.ts'

const machine = await createBoundedMachine(Number(asObject(workerData)['memoryBytes']))
const warmUp = { source: 'exports.code = () => 1', input: '{}', timeoutMs: 5000, stackBytes: 1 << 20, outputChars: 10 }
await runJob(machine, warmUp)

parentPort?.on('message', (message: unknown) => {
  if (!isCodeJob(message)) return
  void runJob(machine, message).then(({ result, isClean }) => {
    parentPort?.postMessage({ type: 'done', result, isReusable: isClean })
  })
})
parentPort?.postMessage({ type: 'ready' })
