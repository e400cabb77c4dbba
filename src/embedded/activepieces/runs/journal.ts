import type { Action } from '../flows/definition.ts'
import { type JsonObject, parseJson } from '../json.ts'
import type { EngineLimits } from '../settings.ts'
import type { Database } from '../store/database.ts'
import { findFile, insertFile } from '../store/files.ts'
import { type Run, updateRun } from '../store/runs.ts'
import { deleteStep, listSteps, type StepRecord, type StepStatus, saveStep } from '../store/steps.ts'
import { closeWaitpointsOfStep } from '../store/waitpoints.ts'
import { RunAborted } from './faults.ts'

export interface StepEnd {
  status: StepStatus
  output?: unknown
  errorMessage?: string
  duration?: number
}

/** The finished steps of a run on disk: what a restart finds, and what GET shows while the run goes on. */
export class Journal {
  readonly #database: Database
  readonly #limits: EngineLimits
  readonly #run: Run
  readonly #records = new Map<string, StepRecord>()
  #bytes: number
  #position: number

  constructor(database: Database, limits: EngineLimits, run: Run) {
    this.#database = database
    this.#limits = limits
    this.#run = run
    this.#bytes = run.logBytes
    for (const record of listSteps(database, run.id)) this.#records.set(record.scope + record.name, record)
    this.#position = Math.max(0, ...[...this.#records.values()].map((record) => record.position))
  }

  get bytes(): number {
    return this.#bytes
  }

  find(scope: string, name: string): StepRecord | undefined {
    return this.#records.get(scope + name)
  }

  outputOf(record: StepRecord): unknown {
    if (record.outputFileId === null) return record.output === null ? undefined : parseJson(record.output)
    const file = findFile(this.#database, record.outputFileId)
    return file === undefined ? undefined : parseJson(Buffer.from(file.data).toString('utf8'))
  }

  /** Shows the step as RUNNING; what an interrupted attempt was waiting on is void. */
  begin(scope: string, action: Action, input: string): StepRecord {
    const known = this.find(scope, action.name)
    if (known !== undefined) closeWaitpointsOfStep(this.#database, this.#run.id, scope + action.name)
    return this.#save({
      scope,
      name: action.name,
      position: known?.position ?? ++this.#position,
      type: action.type,
      status: 'RUNNING',
      input,
      output: null,
      outputFileId: null,
      duration: null,
      errorMessage: null,
    })
  }

  finish(record: StepRecord, end: StepEnd): StepRecord {
    const text = end.output === undefined ? null : JSON.stringify(end.output)
    const size = text === null ? 0 : Buffer.byteLength(text)
    this.#bytes += size
    if (size > 0 && this.#bytes > this.#limits.runLogBytes) {
      throw new RunAborted('LOG_SIZE_EXCEEDED', `The outputs of the run exceed ${this.#limits.runLogBytes} bytes`)
    }
    const isSlice = text !== null && size > this.#limits.sliceBytes
    return this.#save({
      ...record,
      status: end.status,
      output: isSlice ? null : text,
      outputFileId: isSlice ? insertFile(this.#database, Buffer.from(text), 'application/json', this.#run.id) : null,
      duration: end.duration ?? null,
      errorMessage: end.errorMessage ?? null,
    })
  }

  /** Writes the end of the step that the run was paused on, together with the use of what resumed it. */
  finishResumed(record: StepRecord, end: StepEnd, updated: string): StepRecord {
    return this.#database.transaction(() => {
      updateRun(this.#database, this.#run.id, { resume: null }, updated)
      return this.finish(record, end)
    })
  }

  /** Takes a step off the record again, as if it had not begun. */
  forget(record: StepRecord): void {
    this.#records.delete(record.scope + record.name)
    deleteStep(this.#database, this.#run.id, record.scope, record.name)
  }

  running(): StepRecord[] {
    return [...this.#records.values()].filter((record) => record.status === 'RUNNING')
  }

  #save(record: StepRecord): StepRecord {
    this.#records.set(record.scope + record.name, record)
    saveStep(this.#database, this.#run.id, record)
    return record
  }
}

/** The input as JSON for the step, and as it is shown: what is large under a key is named by its size only. */
export function serializeInput(input: JsonObject, limits: EngineLimits): { whole: string; shown: string } {
  const whole: string[] = []
  const shown: string[] = []
  for (const [key, value] of Object.entries(input)) {
    if (value === undefined) continue
    const text = JSON.stringify(value)
    const size = text.length > limits.inputBytes / 4 ? Buffer.byteLength(text) : text.length
    const short = `"(truncated, original size ${Math.round(size / 1024)} KB)"`
    whole.push(`${JSON.stringify(key)}:${text}`)
    shown.push(`${JSON.stringify(key)}:${size > limits.inputBytes ? short : text}`)
  }
  return { whole: `{${whole.join(',')}}`, shown: `{${shown.join(',')}}` }
}
