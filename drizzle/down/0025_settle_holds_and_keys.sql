create or replace function app.release_held() returns integer
  language plpgsql security definer set search_path = '' as $$
declare
  this_month constant text := to_char(now() at time zone 'utc', 'YYYY-MM');
  company uuid;
  room bigint;
  let_go bigint;
  total integer := 0;
begin
  if not pg_try_advisory_xact_lock(hashtext('app.release_held')) then
    return 0;
  end if;
  for company in
    select c.id from public.companies c
    where c.status = 'active' and exists (
      select from public.workflow_executions e where e.company_id = c.id and e.status = 'held' and e.held_for = 'quota'
    )
    order by c.id
  loop
    room := app.limit_of(company, 'max_executions_per_month') - app.lock_usage(company, this_month);
    continue when room <= 0;
    with next as (
      select e.id from public.workflow_executions e
      where e.company_id = company and e.status = 'held' and e.held_for = 'quota'
      order by e.created_at, e.id
      limit least(room, 1000)
      for update
    )
    update public.workflow_executions e set status = 'pending', held_for = null, counted_month = this_month
    from next where e.id = next.id;
    get diagnostics let_go = row_count;
    update public.company_usage u set executions = u.executions + let_go
    where u.company_id = company and u.month = this_month and u.slot = 0;
    total := total + let_go;
  end loop;
  return total;
end $$;
