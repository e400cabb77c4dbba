import { describe, expect } from 'vitest'
import { test } from './support/clone.ts'
import { refusalOf, runAs, runOn, transactAs } from './support/run.ts'
import { furnish } from './support/tenant.ts'

describe('probe', () => {
  test('look', async ({ clone }) => {
    const owner = runOn(clone.owner)
    const [a, b] = [await furnish(owner), await furnish(owner)]
    const db = clone.open()
    const viewer = runAs(db, a.viewer)
    const member = runAs(db, a.member)
    const show = (name: string, value: unknown) => process.stdout.write(`## ${name}: ${JSON.stringify(value, null, 1)}\n`)
    show('own', await viewer('select id, name from studios'))
    for (const guess of ['a', 'z'])
      show(`explain ${guess}`, await viewer(`explain (analyze, costs off, timing off, summary off) select from studios where name < '${b.secret.slice(0,0)}${guess}' and company_id = '${b.id}'`))
    show('explain slug', await viewer(`explain (analyze, costs off, timing off, summary off) select from companies where slug < 'z'`))
    show('leakproof', await owner(`select proname, proleakproof from pg_proc where proname in ('texteq','text_lt','uuid_lt','timestamptz_lt','int4lt')`))
    show('audit forging', await refusalOf(transactAs(db, a.member, async (run) => {
      await run(`insert into studios (company_id, name, business_area, created_by) values ('${a.id}', 'Second one', 'sales', '${a.member.userId}')`)
      await run(`update studios set description = case when name = 'Second one' then set_config('app.claims', '', true) else 'x' end`)
    })))
    show('audit', await owner(`select actor, user_id, action, resource_type, changes from audit_logs where resource_type = 'studios' and action = 'update'`))
    show('foreign template', await refusalOf(member(`insert into workflow_executions (company_id, studio_id, template_id, template_version, user_id, input_data, input_hash) values ($1,$2,$3,'1.0.0',$4,'{}','x')`, [a.id, a.studioId, b.templateId, a.member.userId])))
    await owner(`update company_limits set max_studios = 1 where company_id = $1`, [b.id])
    show('foreign plan', await refusalOf(member(`insert into studios (company_id, name, business_area, created_by) values ($1, 'Second two', 'sales', $2)`, [b.id, a.member.userId])))
    await owner(`update companies set status = 'suspended' where id = $1`, [b.id])
    show('foreign suspended', await refusalOf(member(`insert into workflow_executions (company_id, studio_id, template_id, template_version, user_id, input_data, input_hash) values ($1,$2,$3,'1.0.0',$4,'{}','x')`, [b.id, a.studioId, b.templateId, a.member.userId])))
    show('stat counters', await viewer(`select relname, n_live_tup, n_tup_ins from pg_stat_user_tables where schemaname='public' limit 3`))
    show('own password', await refusalOf(transactAs(db, a.member, async (run) => { await run(`set local role none`); await run(`alter role studios_api set row_security = off`); throw new Error('x') }).catch((e)=>{ if (e.message!=='x') throw e })))
    show('schemas', await owner(`select nspname, nspacl::text from pg_namespace`))
    show('auth functions', await owner(`select p.oid::regprocedure::text, prosecdef, proacl::text from pg_proc p where pronamespace in ('app'::regnamespace,'auth'::regnamespace,'public'::regnamespace)`))
    expect(1).toBe(1)
  })
})
