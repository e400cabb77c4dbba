import { z } from 'zod'
import { count, nullableJson } from './columns.ts'
import type { Database } from './database.ts'

const projectRow = z.object({
  id: z.string(),
  platformId: z.string(),
  ownerId: z.string(),
  displayName: z.string(),
  type: z.enum(['PERSONAL', 'TEAM']),
  externalId: z.string().nullable(),
  metadata: nullableJson,
  maxConcurrentJobs: z.number().nullable(),
  planId: z.string(),
  created: z.string(),
  updated: z.string(),
})

export type Project = z.output<typeof projectRow>

export function insertProject(database: Database, project: Omit<Project, 'updated'>): void {
  database.run(
    `insert into projects (id, platformId, ownerId, displayName, type, externalId, metadata, maxConcurrentJobs, planId,
      created, updated) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    project.id,
    project.platformId,
    project.ownerId,
    project.displayName,
    project.type,
    project.externalId,
    project.metadata === null ? null : JSON.stringify(project.metadata),
    project.maxConcurrentJobs,
    project.planId,
    project.created,
    project.created,
  )
}

export function findProject(database: Database, id: string): Project | undefined {
  return database.one(projectRow, 'select * from projects where id = ?', id)
}

export function findProjectByExternalId(database: Database, externalId: string): Project | undefined {
  return database.one(projectRow, 'select * from projects where externalId = ?', externalId)
}

export function listProjects(database: Database, platformId: string): Project[] {
  return database.all(projectRow, 'select * from projects where platformId = ? order by created, rowid', platformId)
}

export function countTeamProjects(database: Database, platformId: string): number {
  const sql = "select count(*) as count from projects where platformId = ? and type = 'TEAM'"
  return database.one(count, sql, platformId)?.count ?? 0
}

export function countFlowsOfProject(database: Database, projectId: string, status?: string): number {
  const sql = 'select count(*) as count from flows where projectId = ? and (?2 is null or status = ?2)'
  return database.one(count, sql.replace('projectId = ?', 'projectId = ?1'), projectId, status ?? null)?.count ?? 0
}
