drop function app.is_key_used(uuid, text);

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

drop function app.status_message(text, text, integer, text, jsonb, text);
create function app.status_message(status text, retry_count integer, held_for text, waiting_for jsonb, error_message text) returns text
  language plpgsql immutable set search_path = '' as $$
begin
  return case status
    when 'pending' then case when retry_count = 0 then 'The run is accepted and waits for its turn.'
      else format('The run is tried again and waits for its turn (try %s of 4).', retry_count + 1) end
    when 'held' then case when held_for = 'person' then 'The run is paused before its start; it starts once somebody resumes it.'
      else 'The plan''s runs for this month are used up; this run is kept and waits.' end
    when 'running' then 'The run has started.'
    when 'paused' then 'The run is paused' || coalesce(': it waits at "' || (waiting_for ->> 'title') || '".', '.')
    when 'succeeded' then 'The run has finished; its result is ready.'
    when 'failed' then 'The run has failed: ' || coalesce(error_message, 'no reason was given.')
    when 'cancelled' then 'The run was cancelled.'
  end;
end $$;
revoke all on function app.status_message(text, integer, text, jsonb, text) from public;

create or replace function app.record_status() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'UPDATE' and new.status = old.status then
    if (new.cancel_requested_at, new.answer) is distinct from (old.cancel_requested_at, old.answer) then
      update public.execution_follows f set next_look_at = now() where f.company_id = new.company_id and f.execution_id = new.id;
      perform app.tell('studios_worker', new.id::text);
    end if;
    return null;
  end if;
  insert into public.execution_events (company_id, execution_id, studio_id, type, level, message, data)
  values (new.company_id, new.id, new.studio_id, 'status', case when new.status = 'failed' then 'error' else 'info' end,
    left(app.status_message(new.status, new.retry_count, new.held_for, new.waiting_for, new.error_message), 2000),
    jsonb_build_object('status', new.status, 'failureKind', new.failure_kind)
      || case when new.held_for is null then '{}'::jsonb else jsonb_build_object('heldFor', new.held_for) end);
  if new.status in ('pending', 'cancelled') then
    perform app.tell('studios_worker', new.id::text);
  end if;
  -- Nobody looks after a run that has ended, and what its flow said of the end is kept with the run alone.
  if new.status in ('succeeded', 'failed', 'cancelled') then
    delete from public.execution_follows f where f.company_id = new.company_id and f.execution_id = new.id;
    update public.execution_callbacks c set outcome = 'applied', body = null
    where c.company_id = new.company_id and c.execution_id = new.id and c.outcome = 'waiting';
  end if;
  return null;
end $$;
drop trigger workflow_executions_record_status on workflow_executions;
create trigger workflow_executions_record_status after insert or update of status, cancel_requested_at, answer on workflow_executions
  for each row execute function app.record_status();

create or replace function app.queued_runs(company uuid) returns table (execution_id uuid, status text, held_for text, place bigint)
  language plpgsql stable security definer set search_path = '' as $$
declare
  hidden constant uuid[] := app.hidden_studio_ids();
begin
  if not app.holds_role(company, 'viewer') then
    return;
  end if;
  return query select w.id, w.state, w.held, w.turn from (
    select e.id, e.studio_id, e.status::text as state, e.held_for as held,
      row_number() over (partition by e.status order by e.priority, e.created_at, e.id) as turn
    from public.workflow_executions e where e.company_id = company and e.status = 'pending'
    union all
    select e.id, e.studio_id, e.status::text, e.held_for, row_number() over (order by e.created_at, e.id)
    from public.workflow_executions e where e.company_id = company and e.status = 'held'
  ) w where w.studio_id <> all (hidden);
end $$;
