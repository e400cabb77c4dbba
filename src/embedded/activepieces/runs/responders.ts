export interface FlowResponse {
  status: number
  headers: Record<string, string>
  body: unknown
}

/** Synchronous callers that wait for their run to answer. */
export class Responders {
  readonly #waiting = new Map<string, (response: FlowResponse | undefined) => void>()

  /** The run's answer, or undefined when it gave none in time. */
  wait(runId: string, timeoutMs: number): Promise<FlowResponse | undefined> {
    this.answer(runId, undefined)
    return new Promise((resolve) => {
      const settle = (response: FlowResponse | undefined) => {
        clearTimeout(timer)
        this.#waiting.delete(runId)
        resolve(response)
      }
      const timer = setTimeout(() => settle(undefined), timeoutMs)
      this.#waiting.set(runId, settle)
    })
  }

  answer(runId: string, response: FlowResponse | undefined): void {
    this.#waiting.get(runId)?.(response)
  }

  close(): void {
    for (const settle of [...this.#waiting.values()]) settle(undefined)
  }
}
