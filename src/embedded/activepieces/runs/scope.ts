import type { StepRecord } from '../store/steps.ts'

/** What a reference to a step gives: schema 22 names the output explicitly. */
export interface StepValue {
  type: StepRecord['type']
  status: StepRecord['status']
  output?: unknown
  errorMessage?: string
}

/** The steps a reference can see: those of this chain, then those around it. */
export class Scope {
  readonly prefix: string
  readonly #parent: Scope | undefined
  readonly #values = new Map<string, StepValue>()

  constructor(prefix = '', parent?: Scope) {
    this.prefix = prefix
    this.#parent = parent
  }

  inner(loopName: string, iteration: number): Scope {
    return new Scope(`${this.prefix}${loopName}:${iteration}/`, this)
  }

  set(name: string, value: StepValue): void {
    this.#values.set(name, value)
  }

  lookup(name: string): StepValue | undefined {
    return this.#values.get(name) ?? this.#parent?.lookup(name)
  }

  entries(): Record<string, StepValue> {
    return Object.fromEntries(this.#values)
  }
}
