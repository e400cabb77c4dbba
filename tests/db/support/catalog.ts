import type { Run } from './run.ts'

const schemas = `('public', 'app', 'auth', 'vault', 'extensions', 'storage')`
const acl = (items: string) => `(select string_agg(i::text, ' ' order by i::text) from unnest(${items}) i)`
// Rights that were never changed are the default ones, written down or not.
const tableAcl = `coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner))`

/** What a database consists of, each kind as lines of text in an order of its own. */
const questions: Record<string, string> = {
  schemas: `select nspname, ${acl('nspacl')} from pg_namespace where nspname in ${schemas}`,
  relations: `select c.oid::regclass, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relowner::regrole,
      ${acl(tableAcl)}, pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid)
    from pg_class c where c.relnamespace::regnamespace::text in ${schemas}`,
  columns: `select a.attrelid::regclass, row_number() over (partition by a.attrelid order by a.attnum), a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
      a.attgenerated, ${acl('a.attacl')}, pg_get_expr(d.adbin, d.adrelid)
    from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_attrdef d on (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
    where a.attnum > 0 and not a.attisdropped and c.relnamespace::regnamespace::text in ${schemas}`,
  constraints: `select k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid), k.convalidated from pg_constraint k
    where k.connamespace::regnamespace::text in ${schemas}`,
  indexes: `select indexdef from pg_indexes where schemaname in ${schemas}`,
  policies: `select polrelid::regclass, polname, polcmd, polroles::regrole[], pg_get_expr(polqual, polrelid),
      pg_get_expr(polwithcheck, polrelid) from pg_policy`,
  functions: `select p.oid::regprocedure, case p.prokind when 'f' then pg_get_functiondef(p.oid) end, p.proowner::regrole, ${acl('p.proacl')}
    from pg_proc p where p.pronamespace::regnamespace::text in ${schemas}`,
  triggers: `select pg_get_triggerdef(oid), tgenabled from pg_trigger where not tgisinternal`,
  types: `select t.oid::regtype, t.typtype, t.typowner::regrole from pg_type t where t.typnamespace::regnamespace::text in ${schemas}`,
  sequences: `select schemaname, sequencename, data_type, start_value, increment_by, cycle from pg_sequences where schemaname in ${schemas}`,
  extensions: 'select extname, extnamespace::regnamespace from pg_extension',
  defaults: `select defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype, ${acl('defaclacl')} from pg_default_acl`,
}

/** A picture of the whole catalog that two databases, or two moments of one, can be compared by. */
export async function catalogOf(owner: Run): Promise<Record<string, string[]>> {
  await owner(`set search_path = ''`)
  const picture: Record<string, string[]> = {}
  for (const [kind, question] of Object.entries(questions)) {
    const rows = await owner(`select row_to_json(q)::text as line from (${question}) q order by 1`)
    picture[kind] = rows.map(({ line }) => String(line))
  }
  await owner('reset search_path')
  return picture
}
