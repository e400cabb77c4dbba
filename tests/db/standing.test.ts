import { describe, expect } from 'vitest'
import { tenantAccess } from '../../src/contracts/access.ts'
import { test as base } from './support/clone.ts'
import { type Row, runOn } from './support/run.ts'

const test = base.extend('names', { scope: 'file' }, ({ clone }) => {
  const run = runOn(clone.owner)
  /** The first column of an answer: what breaks a rule, or what is granted. */
  return async (query: string) => (await run(query)).map((row: Row) => String(Object.values(row)[0]))
})

const ourTables = `from pg_class c where c.relnamespace in ('public'::regnamespace, 'app'::regnamespace) and c.relkind in ('r', 'p')`
const ourSchemas = `('public'::regnamespace, 'app'::regnamespace, 'migrations'::regnamespace)`

const granted = (grantee: string, kinds: string) => `
  select c.relname from pg_class c where c.relnamespace in ${ourSchemas} and exists (
    select from aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
    where a.grantee = '${grantee}'::regrole and a.privilege_type in (${kinds})
    union all
    select from pg_attribute t, aclexplode(t.attacl) a
    where t.attrelid = c.oid and a.grantee = '${grantee}'::regrole and a.privilege_type in (${kinds})
  ) order by 1`

describe('every table of ours', () => {
  test('has row security enabled and forced, partitions too', async ({ names }) => {
    expect(
      await names(`select c.oid::regclass ${ourTables} and not (c.relrowsecurity and c.relforcerowsecurity)`),
    ).toEqual([])
    expect((await names(`select c.relname ${ourTables}`)).length).toBeGreaterThan(20)
  })

  test('has a policy, or is granted to nobody', async ({ names }) => {
    const open = `select c.oid::regclass ${ourTables} and not exists (select from pg_policy p where p.polrelid = c.oid)
      and exists (select from aclexplode(c.relacl) a where a.grantee <> c.relowner)`
    expect(await names(open)).toEqual([])
  })

  test('has an audit trigger, but for what is itself a record', async ({ names }) => {
    const unrecorded = `select c.relname ${ourTables} and c.relnamespace = 'public'::regnamespace and not c.relispartition
      and not exists (
        select from pg_trigger t where t.tgrelid = c.oid and t.tgfoid in ('app.write_audit'::regproc, 'app.write_run_audit'::regproc, 'app.write_file_audit'::regproc) and t.tgenabled = 'O'
          and t.tgtype & 29 = 29 -- after each row that is inserted, updated or deleted
      ) order by 1`
    expect(await names(unrecorded)).toEqual([
      'audit_logs',
      'bulk_items',
      'company_storage',
      'company_usage',
      'execution_callbacks',
      'execution_effects',
      'execution_events',
      'execution_files',
      'execution_follows',
      'file_reads',
      'file_removals',
      'file_versions',
      'schedule_occurrences',
    ])
  })
})

describe('every function of ours', () => {
  const ours = `from pg_proc p where p.pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')`

  test('that runs with its owner’s rights looks names up in no schema of a caller’s choice', async ({ names }) => {
    const loose = `select p.oid::regprocedure ${ours} and p.prosecdef
      and not coalesce('search_path=""' = any (p.proconfig), false)`
    expect(await names(loose)).toEqual([])
    expect((await names(`select p.proname ${ours} and p.prosecdef`)).length).toBeGreaterThan(10)
  })

  test('in the schema app is kept from everybody who was not named', async ({ names }) => {
    const executable = (role: string) =>
      `select p.proname ${ours} and p.pronamespace = 'app'::regnamespace
         and exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = ${role})
       order by 1`
    expect(await names(executable('0'))).toEqual([])
    expect(await names(executable(`'anon'::regrole`))).toEqual([])
    expect(await names(executable(`'authenticated'::regrole`))).toEqual([
      'begin_upload',
      'colleague_ids',
      'company_id_by_slug',
      'company_ids',
      'found_file_ids',
      'hidden_studio_ids',
      'is_hidden_studio',
      'is_key_used',
      'joined',
      'may_read_object',
      'may_write_object',
      'open_content',
      'private_files_of_others',
      'queue_state',
      'queued_runs',
      'revoke_shares',
      'set_file_policy',
      'slug_is_taken',
      'start_run',
      'user_id',
    ])
    expect(await names(executable(`'studios_worker'::regrole`))).toEqual([
      'abandon_upload',
      'claim_runs',
      'complete_upload',
      'delete_file',
      'delete_version',
      'empty_trash',
      'end_run',
      'enter_shared_folder',
      'finish_upload',
      'forget_engine_secrets',
      'integration_secret',
      'joined',
      'keep_partitions_ahead',
      'may_read_file',
      'purge_trash',
      'put_integration',
      'release_held',
      'remove_integration',
      'restore_version',
      'stored_encoding',
      'sweep_uploads',
      'take_share',
      'user_id',
      'works_in',
    ])
    expect(await names(executable(`'studios_api'::regrole`))).toEqual([
      'look_at_share',
      'read_run_file',
      'settle_share',
      'take_callback',
      'take_share',
      'try_share',
    ])
  })

  test('with its owner’s rights outside app is kept from the public, too', async ({ names }) => {
    const open = `select p.oid::regprocedure ${ours} and p.prosecdef
      and exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0)`
    expect(await names(open)).toEqual([])
  })
})

describe('nothing of ours is granted', () => {
  test.for(['0', `'anon'::regrole`, `'service_role'::regrole`])('to %s', async (grantee, { names }) => {
    const relations = `select c.oid::regclass from pg_class c, aclexplode(coalesce(c.relacl, acldefault(
        case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner))) a
      where c.relnamespace in ${ourSchemas} and a.grantee = ${grantee}`
    const columns = `select c.oid::regclass from pg_class c join pg_attribute t on t.attrelid = c.oid, aclexplode(t.attacl) a
      where c.relnamespace in ${ourSchemas} and a.grantee = ${grantee}`
    const schemas = `select n.nspname from pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
      where n.oid in ${ourSchemas} and a.grantee = ${grantee} and (n.nspname <> 'public' or a.privilege_type <> 'USAGE')`
    for (const grants of [relations, columns, schemas]) expect(await names(grants)).toEqual([])
  })

  test('to a caller beyond the access table', async ({ names }) => {
    const access = Object.entries(tenantAccess)
    const allowed = (verb: 'insert' | 'update' | 'delete') =>
      access.filter(([, rule]) => rule[verb]).map(([table]) => table)
    expect(new Set(await names(granted('authenticated', `'INSERT'`)))).toEqual(
      new Set([...allowed('insert'), 'companies', 'user_companies']),
    )
    expect(new Set(await names(granted('authenticated', `'UPDATE'`)))).toEqual(
      new Set([...allowed('update'), 'companies', 'user_companies', 'user_profiles']),
    )
    expect(new Set(await names(granted('authenticated', `'DELETE'`)))).toEqual(new Set(allowed('delete')))
    expect(await names(granted('authenticated', `'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN'`))).toEqual([])
  })

  test('to the worker beyond what runs need', async ({ names }) => {
    const written = [
      'execution_attempts',
      'execution_effects',
      'execution_files',
      'execution_follows',
      'file_removals',
      'integration_flows',
      'schedule_occurrences',
      'workflow_executions',
      'workflow_template_versions',
      'workflow_templates',
    ]
    const onlyAdded = ['execution_events', 'file_reads', 'file_versions', 'files', 'folders', 'insights']
    const onlyChanged = ['bulk_items', 'bulk_operations', 'companies', 'integrations', 'workflow_schedules']
    const may = async (kinds: string) => new Set(await names(granted('studios_worker', kinds)))
    expect(await may(`'INSERT'`)).toEqual(new Set([...written, ...onlyAdded]))
    expect(await may(`'UPDATE'`)).toEqual(new Set([...written, ...onlyChanged]))
    expect(await may(`'DELETE'`)).toEqual(new Set(['file_removals']))
    expect(await may(`'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN'`)).toEqual(new Set())
    expect(await names(granted('studios_worker', `'SELECT'`))).not.toContain('audit_logs')
    const ofCompanies = `select column_name from information_schema.column_privileges
      where grantee = 'studios_worker' and table_name = 'companies' and privilege_type = 'UPDATE' order by 1`
    expect(await names(ofCompanies)).toEqual(['branches', 'contact_email', 'contact_phone', 'headquarters_address'])
  })
})

describe('the login roles', () => {
  test.for([
    ['studios_api', ['anon', 'authenticated']],
    ['studios_worker', []],
  ] as const)('%s owns nothing, inherits nothing and becomes %o', async ([role, becomes], { names }) => {
    const powers = `select rolname from pg_roles where rolname = '${role}' and rolcanlogin and not (rolinherit or rolsuper
      or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication)`
    expect(await names(powers)).toEqual([role])
    expect(await names(`select 1 from pg_shdepend where refobjid = '${role}'::regrole and deptype = 'o'`)).toEqual([])
    const memberOf = (option: string) =>
      `select roleid::regrole from pg_auth_members where member = '${role}'::regrole and ${option} order by 1::text`
    expect(new Set(await names(memberOf('set_option')))).toEqual(new Set(becomes))
    expect(await names(memberOf('(inherit_option or admin_option)'))).toEqual([])
    expect(await names(`select member from pg_auth_members where roleid = '${role}'::regrole`)).toEqual([])
  })
})
