import { z } from 'zod'

/** What a person may do in a company, weakest first; each role includes those before it. */
export const roles = ['viewer', 'member', 'admin'] as const
export const role = z.enum(roles)
export type Role = z.infer<typeof role>

export function includesRole(held: Role, needed: Role): boolean {
  return roles.indexOf(held) >= roles.indexOf(needed)
}

/** The weakest role allowed for each verb; null means that nobody does it through the API. */
export interface TableAccess {
  select: Role
  insert: Role | null
  update: Role | null
  delete: Role | null
}

/**
 * Who may do what to the tenant tables (DATA-MODEL, "Who may do what").
 * Row policies are made from this table and the tests walk it.
 */
export const tenantAccess = {
  studios: { select: 'viewer', insert: 'member', update: 'member', delete: 'admin' },
  studio_members: { select: 'viewer', insert: 'admin', update: null, delete: 'admin' },
  folders: { select: 'viewer', insert: 'member', update: 'member', delete: null },
  files: { select: 'viewer', insert: 'member', update: 'member', delete: null },
  file_versions: { select: 'viewer', insert: 'member', update: null, delete: null },
  file_shares: { select: 'viewer', insert: 'member', update: 'member', delete: null },
  execution_files: { select: 'viewer', insert: null, update: null, delete: null },
  file_reads: { select: 'viewer', insert: null, update: null, delete: null },
  company_storage: { select: 'viewer', insert: null, update: null, delete: null },
  workflow_executions: { select: 'viewer', insert: 'member', update: 'member', delete: null },
  execution_attempts: { select: 'viewer', insert: null, update: null, delete: null },
  execution_events: { select: 'viewer', insert: null, update: null, delete: null },
  execution_effects: { select: 'viewer', insert: null, update: null, delete: null },
  insights: { select: 'viewer', insert: null, update: null, delete: null },
  failure_groups: { select: 'viewer', insert: null, update: 'member', delete: null },
  bulk_operations: { select: 'viewer', insert: 'member', update: 'member', delete: null },
  bulk_items: { select: 'viewer', insert: 'member', update: null, delete: null },
  workflow_schedules: { select: 'viewer', insert: 'member', update: 'member', delete: 'member' },
  schedule_occurrences: { select: 'viewer', insert: null, update: null, delete: null },
  integrations: { select: 'admin', insert: null, update: null, delete: null },
  company_limits: { select: 'viewer', insert: null, update: null, delete: null },
  company_usage: { select: 'viewer', insert: null, update: null, delete: null },
  audit_logs: { select: 'admin', insert: null, update: null, delete: null },
} as const satisfies Record<string, TableAccess>
