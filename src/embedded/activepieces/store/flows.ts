import { z } from 'zod'
import { flag, jsonColumn, nullableJson } from './columns.ts'
import type { Database } from './database.ts'

const flowRow = z.object({
  id: z.string(),
  projectId: z.string(),
  externalId: z.string(),
  ownerId: z.string(),
  folderId: z.string().nullable(),
  status: z.enum(['ENABLED', 'DISABLED']),
  publishedVersionId: z.string().nullable(),
  metadata: nullableJson,
  operationStatus: z.enum(['NONE', 'DELETING']),
  templateId: z.string().nullable(),
  created: z.string(),
  updated: z.string(),
})

export type Flow = z.output<typeof flowRow>
export type FlowPatch = Partial<Pick<Flow, 'status' | 'publishedVersionId' | 'operationStatus' | 'folderId'>> & {
  metadata?: unknown
}

export interface FlowFilter {
  projectId: string
  status: string[]
  name: string | undefined
  limit: number
  before: { created: string; id: string } | undefined
}

const id = z.object({ id: z.string() })

export function insertFlow(database: Database, flow: Omit<Flow, 'updated' | 'operationStatus' | 'status'>): void {
  database.run(
    `insert into flows (id, projectId, externalId, ownerId, folderId, status, publishedVersionId, metadata,
      operationStatus, templateId, created, updated) values (?, ?, ?, ?, ?, 'DISABLED', ?, ?, 'NONE', ?, ?, ?)`,
    flow.id,
    flow.projectId,
    flow.externalId,
    flow.ownerId,
    flow.folderId,
    flow.publishedVersionId,
    flow.metadata === null ? null : JSON.stringify(flow.metadata),
    flow.templateId,
    flow.created,
    flow.created,
  )
}

export function findFlow(database: Database, flowId: string): Flow | undefined {
  return database.one(flowRow, 'select * from flows where id = ?', flowId)
}

export function updateFlow(database: Database, flowId: string, patch: FlowPatch, updated: string): void {
  const flow = findFlow(database, flowId)
  if (flow === undefined) return
  const next = { ...flow, ...patch }
  database.run(
    `update flows set status = ?, publishedVersionId = ?, operationStatus = ?, folderId = ?, metadata = ?, updated = ?
      where id = ?`,
    next.status,
    next.publishedVersionId,
    next.operationStatus,
    next.folderId,
    next.metadata === null || next.metadata === undefined ? null : JSON.stringify(next.metadata),
    updated,
    flowId,
  )
}

export function listFlows(database: Database, filter: FlowFilter): Flow[] {
  return database.all(
    flowRow,
    `select * from flows where projectId = ?1 and (json_array_length(?2) = 0 or status in (select value from json_each(?2)))
      and (?3 is null or exists (select 1 from flow_versions v where v.flowId = flows.id and v.displayName like ?3))
      and (?4 is null or (created, rowid) < (?4, (select rowid from flows where id = ?5)))
      order by created desc, rowid desc limit ?6`,
    filter.projectId,
    JSON.stringify(filter.status),
    filter.name === undefined ? null : `%${filter.name}%`,
    filter.before?.created ?? null,
    filter.before?.id ?? null,
    filter.limit,
  )
}

export function listFlowsBeingDeleted(database: Database): string[] {
  return database.all(id, "select id from flows where operationStatus = 'DELETING'").map((row) => row.id)
}

export function deleteFlow(database: Database, flowId: string): void {
  database.transaction(() => {
    database.run('delete from files where runId in (select id from runs where flowId = ?)', flowId)
    database.run('delete from flows where id = ?', flowId)
  })
}

const versionRow = z.object({
  id: z.string(),
  flowId: z.string(),
  displayName: z.string(),
  trigger: jsonColumn,
  schemaVersion: z.string(),
  valid: flag,
  state: z.enum(['DRAFT', 'LOCKED']),
  updatedBy: z.string().nullable(),
  notes: jsonColumn,
  created: z.string(),
  updated: z.string(),
})

export type FlowVersion = z.output<typeof versionRow>

/** Writes a version, or the version's new content. */
export function saveVersion(database: Database, version: FlowVersion): void {
  database.run(
    `insert into flow_versions (id, flowId, displayName, trigger, schemaVersion, valid, state, updatedBy, notes, created,
      updated) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do update set displayName = excluded.displayName,
      trigger = excluded.trigger, schemaVersion = excluded.schemaVersion, valid = excluded.valid, state = excluded.state,
      updatedBy = excluded.updatedBy, notes = excluded.notes, updated = excluded.updated`,
    version.id,
    version.flowId,
    version.displayName,
    JSON.stringify(version.trigger),
    version.schemaVersion,
    Number(version.valid),
    version.state,
    version.updatedBy,
    JSON.stringify(version.notes),
    version.created,
    version.updated,
  )
}

export function findVersion(database: Database, versionId: string): FlowVersion | undefined {
  return database.one(versionRow, 'select * from flow_versions where id = ?', versionId)
}

export function findLatestVersion(database: Database, flowId: string): FlowVersion | undefined {
  const sql = 'select * from flow_versions where flowId = ? order by created desc, rowid desc limit 1'
  return database.one(versionRow, sql, flowId)
}

export function listVersions(database: Database, flowId: string): FlowVersion[] {
  return database.all(
    versionRow,
    'select * from flow_versions where flowId = ? order by created desc, rowid desc',
    flowId,
  )
}
