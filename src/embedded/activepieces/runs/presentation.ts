import type { EngineContext } from '../context.ts'
import { type JsonObject, parseJson } from '../json.ts'
import { findFileSize } from '../store/files.ts'
import type { FlowVersion } from '../store/flows.ts'
import type { Run } from '../store/runs.ts'
import { listSteps, type StepRecord } from '../store/steps.ts'

export function showVersion(version: FlowVersion): JsonObject {
  return {
    id: version.id,
    created: version.created,
    updated: version.updated,
    flowId: version.flowId,
    displayName: version.displayName,
    schemaVersion: version.schemaVersion,
    trigger: version.trigger,
    connectionIds: [],
    agentIds: [],
    updatedBy: version.updatedBy,
    valid: version.valid,
    state: version.state,
    backupFiles: null,
    notes: version.notes,
  }
}

export function showRun(run: Run, version: FlowVersion | undefined): JsonObject {
  return { ...showOwn(run), flowVersion: version === undefined ? null : showVersion(version) }
}

function showOwn(run: Run): JsonObject {
  return {
    id: run.id,
    created: run.created,
    updated: run.updated,
    projectId: run.projectId,
    flowId: run.flowId,
    flowVersionId: run.flowVersionId,
    environment: run.environment,
    logsFileId: run.logsFileId,
    parentRunId: run.parentRunId,
    failParentOnFailure: run.failParentOnFailure,
    status: run.status,
    tags: run.tags,
    startTime: run.startTime,
    triggeredBy: null,
    finishTime: run.finishTime,
    failedStep: run.failedStep,
    archivedAt: run.archivedAt,
    stepNameToTest: null,
    stepsCount: run.stepsCount,
    pauseMetadata: null,
  }
}

/** What GET answers, as JSON text. */
export function writeRun(run: Run, version: FlowVersion | undefined, steps: JsonObject): string {
  return withFields({ ...showOwn(run), steps }, versionTexts(version).whole)
}

/** A list item: no steps, and the version's columns a second time, as the real server's query leaks them. */
export function writeListedRun(run: Run, version: FlowVersion | undefined): string {
  const { whole, columns } = versionTexts(version)
  return withFields({ ...showOwn(run), displayName: version?.displayName ?? null }, `${whole}${columns}`)
}

const texts = new WeakMap<FlowVersion, { whole: string; columns: string }>()

// Every answer about a run holds its whole flow: what the cache of versions keeps is written out once.
function versionTexts(version: FlowVersion | undefined): { whole: string; columns: string } {
  if (version === undefined) return { whole: ',"flowVersion":null', columns: '' }
  const known = texts.get(version)
  if (known !== undefined) return known
  const shown = showVersion(version)
  const columns = Object.entries(shown).map(([key, value]) => `,"flowVersion_${key}":${JSON.stringify(value)}`)
  const written = { whole: `,"flowVersion":${JSON.stringify(shown)}`, columns: columns.join('') }
  texts.set(version, written)
  return written
}

function withFields(shown: JsonObject, fields: string): string {
  return `${JSON.stringify(shown).slice(0, -1)}${fields}}`
}

/** A run that a retry has just made. */
export function showNewRun(run: Run): JsonObject {
  const { id, projectId, flowId, flowVersionId, environment, parentRunId, failParentOnFailure } = run
  const { status, created, updated, tags } = run
  const identity = { id, projectId, flowId, flowVersionId, environment, parentRunId, failParentOnFailure }
  return { ...identity, status, created, updated, tags, steps: {} }
}

/** The steps by name, loops with their iterations; nothing before a worker took the run. */
export async function showSteps(context: EngineContext, run: Run): Promise<JsonObject> {
  if (run.logsFileId === null) return {}
  const byScope = new Map<string, StepRecord[]>()
  for (const record of listSteps(context.database, run.id)) {
    byScope.set(record.scope, [...(byScope.get(record.scope) ?? []), record])
  }
  return showScope(context, byScope, '')
}

type ByScope = ReadonlyMap<string, StepRecord[]>

async function showScope(context: EngineContext, byScope: ByScope, scope: string): Promise<JsonObject> {
  const steps: JsonObject = {}
  for (const record of byScope.get(scope) ?? []) {
    Object.defineProperty(steps, record.name, { value: await showStep(context, byScope, record), enumerable: true })
  }
  return steps
}

async function showStep(context: EngineContext, byScope: ByScope, record: StepRecord): Promise<JsonObject> {
  return {
    type: record.type,
    status: record.status === 'STOPPED' ? 'SUCCEEDED' : record.status,
    ...(record.input === null ? {} : { input: parseJson(record.input) }),
    ...(record.type === 'LOOP_ON_ITEMS' ? await loopOutput(context, byScope, record) : await output(context, record)),
    ...(record.duration === null ? {} : { duration: record.duration }),
    ...(record.errorMessage === null ? {} : { errorMessage: record.errorMessage }),
  }
}

async function output(context: EngineContext, record: StepRecord): Promise<JsonObject> {
  if (record.outputFileId === null) return record.output === null ? {} : { output: parseJson(record.output) }
  const fileId = record.outputFileId
  const token = await context.tokens.signFile(fileId, context.settings.limits.fileLinkMs)
  const url = `${context.settings.origin}/api/v1/files/${fileId}?token=${token}`
  return { output: { fileId, size: findFileSize(context.database, fileId), url }, outputType: 'slice' }
}

async function loopOutput(context: EngineContext, byScope: ByScope, record: StepRecord): Promise<JsonObject> {
  const iterations: JsonObject[] = []
  const scopeOf = (index: number) => `${record.scope}${record.name}:${index}/`
  for (let index = 0; byScope.has(scopeOf(index)); index += 1) {
    iterations.push(await showScope(context, byScope, scopeOf(index)))
  }
  const own = record.output === null ? { index: iterations.length } : parseJson(record.output)
  return { output: { ...(typeof own === 'object' ? own : {}), iterations } }
}
