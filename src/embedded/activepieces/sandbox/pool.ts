import { Worker } from 'node:worker_threads'
import { type CodeJob, type CodeResult, isWorkerMessage } from './protocol.ts'

const graceMs = 2000

interface Task {
  job: CodeJob
  signal: AbortSignal
  settle: (result: CodeResult) => void
  fail: (error: Error) => void
}

interface Thread {
  worker: Worker
  isReady: boolean
  task: Task | undefined
  watchdog: NodeJS.Timeout | undefined
}

/** A few threads that run code steps, one at a time each; a thread that dies, hangs or is spoilt is replaced. */
export class CodePool {
  readonly #size: number
  readonly #workerData: { memoryBytes: number }
  readonly #threads = new Set<Thread>()
  readonly #waiting: Task[] = []
  #isClosed = false

  constructor(size: number, memoryBytes: number) {
    this.#size = Math.max(1, size)
    this.#workerData = { memoryBytes }
  }

  /** Starts a thread ahead of the first step. */
  warm(): void {
    if (this.#threads.size === 0 && !this.#isClosed) this.#spawn()
  }

  /** Runs a step; when the signal aborts, the step is killed and the promise rejects with the signal's reason. */
  run(job: CodeJob, signal: AbortSignal): Promise<CodeResult> {
    return new Promise((resolve, reject) => {
      const stop = () => this.#abandon(task)
      const task: Task = {
        job,
        signal,
        settle: (result) => {
          signal.removeEventListener('abort', stop)
          resolve(result)
        },
        fail: (error) => {
          signal.removeEventListener('abort', stop)
          reject(error)
        },
      }
      signal.addEventListener('abort', stop)
      this.#waiting.push(task)
      if (signal.aborted) stop()
      this.#assign()
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const task of this.#waiting.splice(0)) task.fail(new Error('The engine is closing'))
    const threads = [...this.#threads]
    for (const thread of threads) this.#retire(thread)
    await Promise.all(threads.map((thread) => thread.worker.terminate()))
  }

  #assign(): void {
    while (this.#waiting.length > 0 && !this.#isClosed) {
      const thread = [...this.#threads].find((candidate) => candidate.isReady && candidate.task === undefined)
      if (thread === undefined) {
        const starting = [...this.#threads].filter((candidate) => !candidate.isReady).length
        if (starting < this.#waiting.length && this.#threads.size < this.#size) this.#spawn()
        return
      }
      this.#give(thread, this.#waiting.shift())
    }
  }

  #give(thread: Thread, task: Task | undefined): void {
    if (task === undefined) return
    thread.task = task
    thread.worker.postMessage(task.job)
    thread.watchdog = setTimeout(() => this.#end(thread, { kind: 'timeout' }), task.job.timeoutMs + graceMs)
  }

  #spawn(): void {
    const options = { env: {}, execArgv: [], workerData: this.#workerData, stderr: true }
    const worker = new Worker(new URL('./worker.ts', import.meta.url), options)
    const thread: Thread = { worker, isReady: false, task: undefined, watchdog: undefined }
    this.#threads.add(thread)
    worker.unref()
    // A machine that was spoilt says so there; the pool sees it by other means.
    worker.stderr.resume()
    worker.on('message', (message: unknown) => this.#receive(thread, message))
    worker.on('error', () => this.#end(thread, { kind: 'memory' }))
    worker.on('exit', () => this.#end(thread, { kind: 'memory' }))
  }

  #receive(thread: Thread, message: unknown): void {
    if (!isWorkerMessage(message)) return
    if (message.type === 'ready') thread.isReady = true
    else if (message.isReusable) this.#finish(thread, message.result)
    else this.#end(thread, message.result)
    this.#assign()
  }

  #finish(thread: Thread, result: CodeResult): void {
    const task = thread.task
    clearTimeout(thread.watchdog)
    thread.task = undefined
    task?.settle(result)
  }

  /** Lets the thread go, with the result of what it was running. */
  #end(thread: Thread, result: CodeResult): void {
    this.#finish(thread, result)
    this.#retire(thread)
    this.#assign()
  }

  #abandon(task: Task): void {
    const index = this.#waiting.indexOf(task)
    if (index >= 0) this.#waiting.splice(index, 1)
    for (const thread of this.#threads) if (thread.task === task) this.#retire(thread)
    task.fail(task.signal.reason instanceof Error ? task.signal.reason : new Error('The step was stopped'))
    this.#assign()
  }

  #retire(thread: Thread): void {
    if (!this.#threads.delete(thread)) return
    clearTimeout(thread.watchdog)
    thread.task?.fail(new Error('The step was stopped'))
    thread.task = undefined
    void thread.worker.terminate()
    this.warm()
  }
}
