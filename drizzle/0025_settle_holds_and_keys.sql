-- Lets some of the held runs go as far as the quota allows, oldest first within a company. A turn is short, so that what it has
-- done stays and the month's counts are not held for long: up to 20 companies that have room, drawn by lot, share it equally.
-- Called by the worker until nothing is left; gives the number of runs released.
create or replace function app.release_held() returns integer
  language plpgsql security definer set search_path = '' as $$
declare
  most constant integer := 200;
  most_companies constant integer := 20;
  this_month constant text := to_char(now() at time zone 'utc', 'YYYY-MM');
  turn record;
  room bigint;
  let_go bigint;
  total integer := 0;
begin
  if not pg_try_advisory_xact_lock(hashtext('app.release_held')) then
    return 0;
  end if;
  for turn in
    with recursive waiting (company_id) as (
      (select e.company_id from public.workflow_executions e where e.status = 'held' order by e.company_id limit 1)
      union all
      select (select e.company_id from public.workflow_executions e
        where e.status = 'held' and e.company_id > w.company_id order by e.company_id limit 1)
      from waiting w where w.company_id is not null
    ), drawn as (
      select c.id from waiting w
      join public.companies c on c.id = w.company_id and c.status = 'active'
      where app.limit_of(c.id, 'max_executions_per_month') > (
        select coalesce(sum(u.executions), 0) from public.company_usage u where u.company_id = c.id and u.month = this_month
      ) and exists (
        select from public.workflow_executions e where e.company_id = c.id and e.status = 'held' and e.held_for = 'quota'
      )
      order by random() limit most_companies
    )
    select d.id as company, most / count(*) over () as share from drawn d
  loop
    room := app.limit_of(turn.company, 'max_executions_per_month') - app.lock_usage(turn.company, this_month);
    continue when room <= 0;
    with next as (
      select e.id from public.workflow_executions e
      where e.company_id = turn.company and e.status = 'held' and e.held_for = 'quota'
      order by e.created_at, e.id
      limit least(room, turn.share)
      for update
    )
    update public.workflow_executions e set status = 'pending', held_for = null, counted_month = this_month
    from next where e.id = next.id;
    get diagnostics let_go = row_count;
    update public.company_usage u set executions = u.executions + let_go
    where u.company_id = turn.company and u.month = this_month and u.slot = 0;
    total := total + let_go;
  end loop;
  return total;
end $$;
