-- Takes up to `most` waiting runs as before. That an attempt has not been sent is now written down with it (`not_before`), until
-- whoever sends it marks it as sent: a worker that ends in between leaves nothing in doubt. Planned once, as it runs for every run.
drop function app.claim_runs(uuid, integer, integer, integer, numeric, integer, text[]);
create function app.claim_runs(
  worker uuid, most integer, engine_most integer, lease_seconds integer,
  deadline_factor numeric, least_deadline_seconds integer
) returns table (id uuid, place integer)
  language plpgsql security definer set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  run record;
  before public.execution_attempts;
begin
  perform pg_advisory_xact_lock(hashtext('app.claim_runs'));
  place := 0;
  for run in
    with recursive waiting (company_id) as (
      (select e.company_id from public.workflow_executions e where e.status = 'pending' order by e.company_id limit 1)
      union all
      select (select e.company_id from public.workflow_executions e
        where e.status = 'pending' and e.company_id > w.company_id order by e.company_id limit 1)
      from waiting w where w.company_id is not null
    ), under_way as (
      select e.company_id, count(*) as runs from public.workflow_executions e where e.status = 'running' group by e.company_id
    ), engines as (
      select e.integration_id, count(*) as runs from public.workflow_executions e where e.status = 'running' group by e.integration_id
    ), room as (
      select w.company_id, i.id as integration_id, coalesce(u.runs, 0) as runs,
        coalesce(l.max_concurrent_executions, p.max_concurrent_executions) - coalesce(u.runs, 0) as free,
        coalesce((i.settings ->> 'maxRuns')::integer, engine_most) - coalesce(g.runs, 0) as engine_free
      from waiting w
      join public.companies c on c.id = w.company_id and c.status = 'active'
      join public.plans p on p.name = c.plan
      left join public.company_limits l on l.company_id = c.id
      left join public.integrations i on i.company_id = c.id and i.kind = 'activepieces' and i.removed_at is null
      left join under_way u on u.company_id = c.id
      left join engines g on g.integration_id is not distinct from i.id
    ), candidates as (
      select e.id, e.priority, e.created_at, r.integration_id, r.engine_free, r.runs + e.turn as standing
      from room r
      cross join lateral (
        select first.*, row_number() over (order by first.priority, first.created_at, first.id) as turn
        from (
          select x.id, x.priority, x.created_at from public.workflow_executions x
          where x.company_id = r.company_id and x.status = 'pending'
          order by x.priority, x.created_at, x.id
          limit greatest(0, least(r.free, most))
        ) first
      ) e
    ), turns as (
      select c.*, row_number() over (partition by c.integration_id order by c.standing, c.priority, c.created_at, c.id) as engine_turn
      from candidates c
    ), chosen as (
      select t.id, t.integration_id, row_number() over (order by t.standing, t.priority, t.created_at, t.id) as turn
      from turns t where t.engine_turn <= t.engine_free
      order by t.standing, t.priority, t.created_at, t.id limit most
    ), taken as (
      update public.workflow_executions e
      set status = 'running', started_at = now(), integration_id = c.integration_id,
        deadline_at = now() + make_interval(secs => greatest(least_deadline_seconds, deadline_factor * 60 * t.estimated_duration_minutes))
      from chosen c, public.workflow_templates t
      where e.id = c.id and e.status = 'pending' and t.id = e.template_id
      returning e.id, e.company_id, e.studio_id, e.retry_count, e.retry_from, e.integration_id, c.turn
    )
    select t.* from taken t order by t.turn
  loop
    place := place + 1;
    before := null;
    if run.retry_from = 'failed_step' then
      select a.* into before from public.execution_attempts a
      where a.company_id = run.company_id and a.execution_id = run.id and a.number = run.retry_count and a.engine_run_id is not null;
    end if;
    insert into public.execution_attempts (company_id, execution_id, studio_id, number, origin, integration_id, not_before, engine_run_id,
      callback_secret_hash)
    values (run.company_id, run.id, run.studio_id, run.retry_count + 1, coalesce(before.origin, run.retry_count + 1),
      case when before.engine_run_id is null then run.integration_id else before.integration_id end,
      case when before.engine_run_id is null then now() end, before.engine_run_id, before.callback_secret_hash);
    insert into public.execution_follows (company_id, execution_id, leased_by, leased_until)
    values (run.company_id, run.id, worker, now() + make_interval(secs => lease_seconds))
    on conflict (company_id, execution_id) do update
    set leased_by = excluded.leased_by, leased_until = excluded.leased_until, next_look_at = now(), looks = 0;
    id := run.id;
    return next;
  end loop;
end $$;

revoke all on function app.claim_runs(uuid, integer, integer, integer, numeric, integer) from public;
grant execute on function app.claim_runs(uuid, integer, integer, integer, numeric, integer) to studios_worker;
