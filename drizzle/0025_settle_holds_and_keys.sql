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

-- As before, but a run that was paused does not start once more.
drop function app.status_message(text, integer, text, jsonb, text);
create function app.status_message(before text, status text, retry_count integer, held_for text, waiting_for jsonb, error_message text) returns text
  language plpgsql immutable set search_path = '' as $$
begin
  return case status
    when 'pending' then case when retry_count = 0 then 'The run is accepted and waits for its turn.'
      else format('The run is tried again and waits for its turn (try %s of 4).', retry_count + 1) end
    when 'held' then case when held_for = 'person' then 'The run is paused before its start; it starts once somebody resumes it.'
      else 'The plan''s runs for this month are used up; this run is kept and waits.' end
    when 'running' then case before when 'paused' then 'The run goes on.' else 'The run has started.' end
    when 'paused' then 'The run is paused' || coalesce(': it waits at "' || (waiting_for ->> 'title') || '".', '.')
    when 'succeeded' then 'The run has finished; its result is ready.'
    when 'failed' then 'The run has failed: ' || coalesce(error_message, 'no reason was given.')
    when 'cancelled' then 'The run was cancelled.'
  end;
end $$;
revoke all on function app.status_message(text, text, integer, text, jsonb, text) from public;

-- As before, but what a held run waits for is told, too.
create or replace function app.record_status() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'UPDATE' and (new.status, new.held_for) is not distinct from (old.status, old.held_for) then
    if (new.cancel_requested_at, new.answer) is distinct from (old.cancel_requested_at, old.answer) then
      update public.execution_follows f set next_look_at = now() where f.company_id = new.company_id and f.execution_id = new.id;
      perform app.tell('studios_worker', new.id::text);
    end if;
    return null;
  end if;
  insert into public.execution_events (company_id, execution_id, studio_id, type, level, message, data)
  values (new.company_id, new.id, new.studio_id, 'status', case when new.status = 'failed' then 'error' else 'info' end,
    left(app.status_message(old.status, new.status, new.retry_count, new.held_for, new.waiting_for, new.error_message), 2000),
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
create trigger workflow_executions_record_status after insert or update of status, held_for, cancel_requested_at, answer on workflow_executions
  for each row execute function app.record_status();

-- As before, but a run that waits for the quota has its place among those that do.
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
    select e.id, e.studio_id, e.status::text, e.held_for, row_number() over (partition by e.held_for order by e.created_at, e.id)
    from public.workflow_executions e where e.company_id = company and e.status = 'held'
  ) w where w.studio_id <> all (hidden);
end $$;

-- Whether a run of the company has this idempotency key, one that the person may not see included: a key stands for one run
-- of the company. Told to who may start runs there and would meet it anyway.
create function app.is_key_used(company uuid, key text) returns boolean
  language sql stable security definer set search_path = '' as $$
  select app.holds_role(company, 'member')
    and exists (select from public.workflow_executions e where e.company_id = company and e.idempotency_key = key)
$$;
revoke all on function app.is_key_used(uuid, text) from public;
grant execute on function app.is_key_used(uuid, text) to authenticated;
