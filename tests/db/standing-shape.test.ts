import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api'
import { describe, expect } from 'vitest'
import { z } from 'zod'
import { roles } from '../../src/contracts/access.ts'
import { groupStates } from '../../src/contracts/attention.ts'
import { bulkActions, bulkStatuses, bulkVerdicts } from '../../src/contracts/bulk.ts'
import { callbackOutcomes, callbackTypes } from '../../src/contracts/callbacks.ts'
import { businessAreas, complexityLevels } from '../../src/contracts/common.ts'
import { companyStatuses, industryTypes, planNames } from '../../src/contracts/companies.ts'
import { effectOutcomes } from '../../src/contracts/effects.ts'
import {
  eventLevels,
  eventTypes,
  executionMoves,
  executionSources,
  executionStatuses,
  failureKinds,
  holdReasons,
  retryPoints,
} from '../../src/contracts/executions.ts'
import { fileAccessLevels, fileStatuses, fileUsages } from '../../src/contracts/files.ts'
import { integrationStatuses } from '../../src/contracts/integrations.ts'
import { membershipMoves, membershipStatuses } from '../../src/contracts/members.ts'
import { userStatuses } from '../../src/contracts/profile.ts'
import { occurrenceOutcomes, overlapRules } from '../../src/contracts/schedules.ts'
import { studioAccessKinds } from '../../src/contracts/studios.ts'
import { auditActors } from '../../src/db/schema/audit.ts'
import * as schema from '../../src/db/schema/index.ts'
import { test } from './support/clone.ts'

const attemptStatuses = ['starting', 'started', 'succeeded', 'failed', 'cancelled']

/** Where a column holds one of a list, and whose list it is. */
const lists: Record<string, readonly string[]> = {
  audit_logs_actor_check: auditActors,
  bulk_items_verdict_check: bulkVerdicts,
  bulk_operations_action_check: bulkActions,
  bulk_operations_status_check: bulkStatuses,
  companies_industry_type_check: industryTypes,
  companies_status_check: companyStatuses,
  execution_attempts_status_check: attemptStatuses,
  execution_callbacks_outcome_check: callbackOutcomes,
  execution_callbacks_type_check: callbackTypes,
  execution_effects_outcome_check: effectOutcomes,
  execution_events_level_check: eventLevels,
  execution_events_type_check: eventTypes,
  execution_files_usage_type_check: fileUsages,
  failure_groups_failure_kind_check: failureKinds,
  failure_groups_state_check: groupStates,
  file_versions_status_check: fileStatuses,
  files_access_level_check: fileAccessLevels,
  files_status_check: fileStatuses,
  insights_importance_check: ['high', 'medium', 'low'],
  integrations_status_check: integrationStatuses,
  plans_name_check: planNames,
  schedule_occurrences_outcome_check: occurrenceOutcomes,
  studios_access_check: studioAccessKinds,
  studios_business_area_check: businessAreas,
  user_companies_role_check: roles,
  user_companies_status_check: membershipStatuses,
  user_profiles_status_check: userStatuses,
  workflow_executions_failure_kind_check: failureKinds,
  workflow_executions_held_for_check: holdReasons,
  workflow_executions_retry_from_check: retryPoints,
  workflow_executions_source_check: executionSources,
  workflow_executions_status_check: executionStatuses,
  workflow_schedules_overlap_check: overlapRules,
  workflow_templates_business_area_check: businessAreas,
  workflow_templates_complexity_check: complexityLevels,
}

describe('lists and moves', () => {
  test('a column takes what the contract lists, and every such check is known here', async ({ clone }) => {
    const { rows } = await clone.owner.query<{ name: string; rule: string }>(
      `select k.conname as name, pg_get_constraintdef(k.oid) as rule from pg_constraint k join pg_class c on c.oid = k.conrelid
       where k.contype = 'c' and k.connamespace = 'public'::regnamespace and not c.relispartition
         and pg_get_constraintdef(k.oid) like '%= ANY (%ARRAY[%'`,
    )
    const found = rows.map(({ name, rule }) => [name, [...rule.matchAll(/'([^']*)'::/g)].map(([, value]) => value)])
    expect(Object.fromEntries(found)).toEqual(lists)
  })

  test.for([
    ['execution_moves', executionMoves],
    ['membership_moves', membershipMoves],
  ] as const)('app.%s() has the moves of the contract', async ([name, moves], { clone }) => {
    const { rows } = await clone.owner.query<{ before: string; after: string }>(`select * from app.${name}()`)
    const contract = Object.entries<readonly string[]>(moves).flatMap(([before, afters]) =>
      afters.map((after) => `${before} → ${after}`),
    )
    expect(new Set(rows.map(({ before, after }) => `${before} → ${after}`))).toEqual(new Set(contract))
    expect(rows).toHaveLength(contract.length)
  })
})

describe('indexes', () => {
  const leads = (columns: string) => `exists (
    select from pg_index i where i.indrelid = c.oid and i.indisvalid and i.indpred is null
      and (i.indkey::int2[])[0:cardinality(${columns}) - 1] @> ${columns})`
  const ours = `c.relnamespace in ('public'::regnamespace, 'app'::regnamespace)`

  test('one leads with the columns of every foreign key', async ({ clone }) => {
    const { rows } = await clone.owner.query(
      `select k.conname, c.relname from pg_constraint k join pg_class c on c.oid = k.conrelid
       where k.contype = 'f' and ${ours} and not ${leads('k.conkey')}`,
    )
    expect(rows).toEqual([])
  })

  test('one leads with the company of every table that has one', async ({ clone }) => {
    const { rows } = await clone.owner.query<{ name: string; leads: boolean }>(
      `select c.relname as name, ${leads('array[a.attnum]')} as leads
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'company_id'
       where ${ours} and c.relkind in ('r', 'p')`,
    )
    expect(rows.filter((row) => !row.leads)).toEqual([])
    expect(rows.length).toBeGreaterThan(15)
  })

  test('keys between tables of companies carry the company', async ({ clone }) => {
    const { rows } = await clone.owner.query<{ name: string }>(
      `select k.conname as name from pg_constraint k
       join pg_attribute mine on mine.attrelid = k.conrelid and mine.attname = 'company_id' and mine.attnotnull
       join pg_attribute yours on yours.attrelid = k.confrelid and yours.attname = 'company_id' and yours.attnotnull
       where k.contype = 'f' and not (k.conkey @> array[mine.attnum] and k.confkey @> array[yours.attnum])`,
    )
    expect(rows).toEqual([])
  })
})

describe('generating migrations', () => {
  const folder = fileURLToPath(new URL('../../drizzle/', import.meta.url))
  const snapshotAt = (name: string) =>
    z
      .looseObject({ id: z.string() })
      .transform((value) => value as unknown as ReturnType<typeof generateDrizzleJson>)
      .parse(JSON.parse(readFileSync(`${folder}meta/${name}`, 'utf8')))
  const current = generateDrizzleJson({ ...schema }, undefined, ['public'])
  const pieces = (sql: string) => sql.split('--> statement-breakpoint').map((piece) => piece.trim())

  test('leaves no difference to the newest snapshot', async () => {
    const newest = readdirSync(`${folder}meta`)
      .filter((name) => name.endsWith('snapshot.json'))
      .toSorted()
      .at(-1)
    expect(await generateMigration(snapshotAt(newest ?? ''), current)).toEqual([])
  })

  test('makes the tables as they are written, but for their partitions', async () => {
    const written = readFileSync(`${folder}0001_create_core_tables.sql`, 'utf8')
    const generated = await generateMigration(snapshotAt('0000_snapshot.json'), snapshotAt('0001_snapshot.json'))
    const unpartitioned = written.replaceAll(/ PARTITION BY RANGE \("created_at"\)(?=;)/g, '')
    expect(new Set(pieces(unpartitioned))).toEqual(new Set(generated.flatMap(pieces)))
    expect(written).not.toEqual(unpartitioned)
  })
})
