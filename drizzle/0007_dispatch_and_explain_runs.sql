-- What the table generator does not write for the tables of 0006, and the functions by which runs are counted, claimed,
-- told about and grouped when they fail.
do $$
declare
  relation text;
begin
  foreach relation in array array['bulk_items', 'bulk_operations', 'execution_callbacks', 'execution_effects', 'execution_follows',
    'failure_groups', 'insights', 'integration_flows', 'integrations', 'schedule_occurrences', 'workflow_schedules']
  loop
    execute format('alter table public.%I force row level security', relation);
    execute format('revoke all on table public.%I from public, anon, authenticated, service_role', relation);
  end loop;
end $$;

grant select on bulk_items, bulk_operations, execution_effects, failure_groups, insights, schedule_occurrences, workflow_schedules
  to authenticated;
grant select (id, company_id, kind, settings, status, status_message, checked_at, created_by, created_at, updated_at, removed_at)
  on integrations to authenticated;
grant insert on bulk_items, bulk_operations, workflow_schedules to authenticated;
grant update (status, completed_at) on bulk_operations to authenticated;
grant update (state, owner_id, changed_at) on failure_groups to authenticated;
grant update (name, cron, timezone, input_data, overlap, is_active, stopped_reason, next_due_at) on workflow_schedules to authenticated;
grant delete on workflow_schedules to authenticated;
grant update (held_for, retry_from, answer) on workflow_executions to authenticated;
grant select (origin, integration_id, not_before) on execution_attempts to authenticated;

grant select on bulk_items, bulk_operations, execution_callbacks, execution_effects, execution_follows, failure_groups, insights,
  integration_flows, integrations, schedule_occurrences, workflow_schedules, studio_members to studios_worker;
grant insert on workflow_executions, execution_effects, execution_follows, insights, integration_flows, schedule_occurrences to studios_worker;
grant update (cancel_requested_at, failed_step, waiting_for, answer, held_for, retry_from) on workflow_executions to studios_worker;
grant update (status, completed_at) on bulk_operations to studios_worker;
grant update (verdict, message, new_execution_id, decided_at) on bulk_items to studios_worker;
grant update (outcome, reason, result, applied_at) on execution_effects to studios_worker;
grant update on execution_follows, integration_flows, schedule_occurrences to studios_worker;
grant update (status, status_message, checked_at) on integrations to studios_worker;
grant update (is_active, stopped_reason, next_due_at) on workflow_schedules to studios_worker;

create trigger bulk_operations_audit after insert or update or delete on bulk_operations for each row
  execute function app.write_audit('{options}');
create trigger failure_groups_audit after insert or update or delete on failure_groups for each row
  execute function app.write_audit('{message}');
create trigger insights_audit after insert or update or delete on insights for each row execute function app.write_audit('{insight}');
create trigger integrations_audit after insert or update or delete on integrations for each row
  execute function app.write_audit('{secret_id}');
create trigger integration_flows_audit after insert or update or delete on integration_flows for each row execute function app.write_audit('{}');
create trigger workflow_schedules_audit after insert or update or delete on workflow_schedules for each row
  execute function app.write_audit('{input_data}');
create trigger integrations_touch before update on integrations for each row execute function app.touch();
create trigger workflow_schedules_touch before update on workflow_schedules for each row execute function app.touch();

-- Whether a person works in a company, and in one of its studios, at this very moment: what is done in somebody's name
-- later on is done with the rights of then.
create function app.works_in(person uuid, company uuid, studio uuid, minimum_role text) returns boolean
  language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.user_profiles p
    join public.user_companies m on m.user_id = p.id and m.company_id = company and m.status = 'approved'
    where p.id = person and p.status = 'active'
      and (minimum_role = 'viewer' or m.role = 'admin' or (minimum_role = 'member' and m.role = 'member'))
      and (studio is null or m.role = 'admin'
        or exists (select from public.studios s where s.company_id = company and s.id = studio and s.access <> 'restricted')
        or exists (select from public.studio_members x where x.company_id = company and x.studio_id = studio and x.user_id = person))
  )
$$;

-- The month's count of a company lies in sixteen slots, so that starts at the same moment lock different rows. Far from the
-- limit a start takes one slot; each slot has at most one start that is not committed, so a sum below the limit by the
-- number of slots cannot be exceeded. Near the limit all slots are locked and the sum is exact.
create function app.lock_usage(company uuid, in_month text) returns bigint
  language plpgsql security definer set search_path = '' as $$
begin
  insert into public.company_usage (company_id, month, slot)
  select company, in_month, n from generate_series(0, 15) n
  on conflict do nothing;
  perform 1 from public.company_usage u where u.company_id = company and u.month = in_month order by u.slot for update;
  return (select sum(u.executions) from public.company_usage u where u.company_id = company and u.month = in_month);
end $$;

create function app.count_run(company uuid) returns boolean
  language plpgsql security definer set search_path = '' as $$
declare
  slots constant integer := 16;
  this_month constant text := to_char(now() at time zone 'utc', 'YYYY-MM');
  allowed constant bigint := app.limit_of(company, 'max_executions_per_month');
  own_slot constant integer := pg_backend_pid() % slots;
  used bigint;
begin
  -- Nobody overtakes those who wait.
  if exists (
    select from public.workflow_executions e where e.company_id = company and e.status = 'held' and e.held_for = 'quota'
  ) then
    return false;
  end if;
  select sum(u.executions) into used from public.company_usage u where u.company_id = company and u.month = this_month;
  if used + 2 * slots <= allowed then
    update public.company_usage u set executions = u.executions + 1
    where u.company_id = company and u.month = this_month and u.slot = own_slot;
    if found then
      select sum(u.executions) into used from public.company_usage u where u.company_id = company and u.month = this_month;
      if used + slots - 1 <= allowed then
        return true;
      end if;
      update public.company_usage u set executions = u.executions - 1
      where u.company_id = company and u.month = this_month and u.slot = own_slot;
      return false;
    end if;
  end if;
  if app.lock_usage(company, this_month) >= allowed then
    return false;
  end if;
  update public.company_usage u set executions = u.executions + 1
  where u.company_id = company and u.month = this_month and u.slot = 0;
  return true;
end $$;

-- Lets held runs go as far as the quota allows, oldest first. Called by the worker; gives the number of runs released.
create function app.release_held() returns integer
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

create function app.require_open_place(company uuid, studio uuid) returns void
  language plpgsql security definer set search_path = '' as $$
begin
  if (select c.status from public.companies c where c.id = company) <> 'active' then
    raise exception using errcode = 'ST003', message = 'The company is suspended; no workflow can be started.';
  end if;
  if (select s.archived_at from public.studios s where s.company_id = company and s.id = studio) is not null then
    raise exception using errcode = 'ST003', message = 'The studio is archived; no workflow can be started in it.';
  end if;
end $$;

-- A new run is pending, or held when the month's runs are used up; whoever starts it chooses neither. What the worker starts
-- in somebody's name needs that person's rights of this moment.
create or replace function app.accept_execution() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if app.is_request() then
    if not app.holds_role(new.company_id, 'member') then
      return new;
    end if;
    if (new.activepieces_run_id, new.output_data, new.failure_kind, new.started_at, new.completed_at, new.error_message,
        new.minutes_saved, new.failed_step, new.failure_group_id, new.integration_id, new.waiting_for, new.answer)
        is distinct from (null, null, null, null, null, null, null, null, null, null, null, null)
        or new.retry_count <> 0 or new.insights <> '[]' or new.source = 'schedule' then
      raise exception using errcode = 'ST001', message = 'Only the worker records what a run did.';
    end if;
    new.priority := case new.source when 'kanban' then 1 else 0 end;
  elsif session_user = 'studios_worker' and not app.works_in(new.user_id, new.company_id, new.studio_id, 'member') then
    raise exception using errcode = 'ST001',
      message = 'The person in whose name this run would start may not start workflows in this studio any more.';
  end if;
  perform app.require_open_place(new.company_id, new.studio_id);
  if not exists (
    select 1 from public.workflow_templates t
    where t.id = new.template_id and (t.company_id is null or t.company_id = new.company_id)
  ) then
    raise exception using errcode = 'ST003', message = 'No such workflow is offered to this company.';
  end if;
  if app.count_run(new.company_id) then
    new.status := 'pending';
    new.held_for := null;
    new.counted_month := to_char(now() at time zone 'utc', 'YYYY-MM');
  else
    new.status := 'held';
    new.held_for := 'quota';
    new.counted_month := null;
  end if;
  return new;
end $$;

-- A failure's message without what changes from run to run.
create function app.failure_pattern(message text) returns text
  language sql immutable set search_path = '' as $$
  select left(btrim(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(lower(coalesce(message, '')),
    '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', '#', 'g'),
    '[^[:space:]@]+@[^[:space:]@]+', '#', 'g'),
    '"[^"]*"|“[^”]*”|''[^'']*''', '"…"', 'g'),
    '[0-9]+([.,:/-][0-9]+)*', '#', 'g'),
    '[[:space:]]+', ' ', 'g')), 500)
$$;

create function app.group_failure(run public.workflow_executions) returns uuid
  language sql security definer set search_path = '' as $$
  insert into public.failure_groups as g (company_id, studio_id, template_id, fingerprint, step, failure_kind, message, failures)
  values (run.company_id, run.studio_id, run.template_id,
    encode(sha256(convert_to(concat_ws('|', run.failed_step, run.failure_kind, app.failure_pattern(run.error_message)), 'UTF8')), 'hex'),
    run.failed_step, run.failure_kind, left(coalesce(run.error_message, 'No reason was given.'), 2000), 1)
  on conflict (company_id, studio_id, template_id, fingerprint) do update
  set failures = g.failures + 1, last_at = now(), message = excluded.message,
    state = case when g.state = 'resolved' then 'open' else g.state end
  returning id
$$;

create or replace function app.guard_execution() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if new.status <> old.status and (old.status, new.status) not in (select m.before, m.after from app.execution_moves() m) then
    raise exception using errcode = 'ST003', message = format('This run is %s and cannot become %s.', old.status, new.status);
  end if;
  if app.is_request() then
    if new.status <> old.status and new.status <> 'cancelled' and not (
      (old.status = 'pending' and new.status = 'held' and new.held_for = 'person')
      or (old.status = 'held' and old.held_for = 'person' and new.status = 'pending')
      or (old.status = 'failed' and new.status = 'pending')
    ) then
      raise exception using errcode = 'ST001', message = 'Only the worker moves a run on.';
    end if;
    if new.status = old.status and new.completed_at is distinct from old.completed_at then
      raise exception using errcode = 'ST001', message = 'Only the worker records what a run did.';
    end if;
    if new.answer is distinct from old.answer and (old.status <> 'paused' or new.answer ->> 'userId' is distinct from app.user_id()::text) then
      raise exception using errcode = 'ST003', message = 'Only a paused run takes an answer, in the name of the person who gives it.';
    end if;
    if new.status = 'held' and old.status = 'held' and new.held_for is distinct from old.held_for and new.held_for <> 'person' then
      raise exception using errcode = 'ST001', message = 'Only the worker holds a run for want of quota.';
    end if;
  end if;
  if old.status = 'failed' and new.status = 'pending' then
    if old.retry_count >= 3 then
      raise exception using errcode = 'ST003',
        message = 'This run has been tried four times and is not tried again; replay it as a new run.';
    end if;
    perform app.require_open_place(new.company_id, new.studio_id);
    new.retry_count := old.retry_count + 1;
    new.retry_from := coalesce(new.retry_from, 'start');
    new.failure_kind := null;
    new.error_message := null;
    new.failed_step := null;
    new.failure_group_id := null;
    new.completed_at := null;
    new.cancel_requested_at := null;
  end if;
  -- A run that was paused before it was counted goes back to those who wait for the quota.
  if old.status = 'held' and new.status = 'pending' and new.counted_month is null then
    new.status := 'held';
    new.held_for := 'quota';
  end if;
  if new.status <> 'held' then
    new.held_for := null;
  end if;
  if old.status = 'paused' and new.status <> 'paused' then
    new.waiting_for := null;
    new.answer := null;
  end if;
  if new.status = 'failed' and old.status <> 'failed' then
    new.failure_group_id := app.group_failure(new);
  end if;
  return new;
end $$;

drop function app.status_message(text, text);
create function app.status_message(run public.workflow_executions) returns text
  language sql immutable set search_path = '' as $$
  select case run.status
    when 'pending' then case when run.retry_count = 0 then 'The run is accepted and waits for its turn.'
      else format('The run is tried again and waits for its turn (try %s of 4).', run.retry_count + 1) end
    when 'held' then case when run.held_for = 'person' then 'The run is paused before its start; it starts once somebody resumes it.'
      else 'The plan''s runs for this month are used up; this run is kept and waits.' end
    when 'running' then 'The run has started.'
    when 'paused' then 'The run is paused' || coalesce(': it waits at "' || (run.waiting_for ->> 'title') || '".', '.')
    when 'succeeded' then 'The run has finished; its result is ready.'
    when 'failed' then 'The run has failed: ' || coalesce(run.error_message, 'no reason was given.')
    when 'cancelled' then 'The run was cancelled.'
  end
$$;

-- Every change of a run's status is an event of it, in the same transaction.
create or replace function app.record_status() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'UPDATE' and new.status = old.status then
    if (new.cancel_requested_at, new.answer) is distinct from (old.cancel_requested_at, old.answer) then
      update public.execution_follows f set next_look_at = now() where f.company_id = new.company_id and f.execution_id = new.id;
      perform pg_notify('studios_worker', new.id::text);
    end if;
    return null;
  end if;
  insert into public.execution_events (company_id, execution_id, studio_id, type, level, message, data)
  values (new.company_id, new.id, new.studio_id, 'status', case when new.status = 'failed' then 'error' else 'info' end,
    left(app.status_message(new), 2000),
    jsonb_build_object('status', new.status, 'failureKind', new.failure_kind)
      || case when new.held_for is null then '{}'::jsonb else jsonb_build_object('heldFor', new.held_for) end);
  if new.status in ('pending', 'cancelled') then
    perform pg_notify('studios_worker', new.id::text);
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

-- Watchers of a run wait for its id, those of a company for a name made from the company's id: whoever listens learns neither
-- which company it is nor what happened.
create or replace function app.wake_watchers() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  perform pg_notify('studios_events', new.execution_id::text || ' ' || left(encode(sha256(convert_to(new.company_id::text, 'UTF8')), 'hex'), 32));
  return null;
end $$;

-- More quota or more room: runs that wait may go.
create function app.wake_worker() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  perform pg_notify('studios_worker', '');
  return null;
end $$;

create trigger companies_wake_worker after update of plan, status on companies for each statement execute function app.wake_worker();
create trigger company_limits_wake_worker after insert or update or delete on company_limits for each statement execute function app.wake_worker();
create trigger plans_wake_worker after update on plans for each statement execute function app.wake_worker();
create trigger execution_effects_wake_worker after insert on execution_effects for each statement execute function app.wake_worker();
create trigger bulk_operations_wake_worker after insert or update of status on bulk_operations for each statement execute function app.wake_worker();
create trigger workflow_schedules_wake_worker after insert or update of next_due_at, is_active on workflow_schedules
  for each statement execute function app.wake_worker();

-- Runs that are under way while this comes in have somebody look after them again.
insert into execution_follows (company_id, execution_id)
select e.company_id, e.id from workflow_executions e where e.status in ('running', 'paused');

-- Takes up to `most` waiting runs, makes them running and leases them to a worker. Companies take turns: the one with the
-- fewest runs under way comes first, none has more than its plan allows, no engine more than it takes. Within a company
-- priority decides, then age. One claim at a time, so that the limits hold whatever the number of workers.
create function app.claim_runs(
  worker uuid, most integer, engine_most integer, lease_seconds integer,
  deadline_factor numeric, least_deadline_seconds integer, secret_hashes text[]
) returns table (id uuid, place integer)
  language plpgsql security definer set search_path = '' as $$
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
    insert into public.execution_attempts (company_id, execution_id, studio_id, number, origin, integration_id, engine_run_id, callback_secret_hash)
    values (run.company_id, run.id, run.studio_id, run.retry_count + 1, coalesce(before.origin, run.retry_count + 1),
      case when before.engine_run_id is null then run.integration_id else before.integration_id end,
      before.engine_run_id, coalesce(before.callback_secret_hash, secret_hashes[place]));
    insert into public.execution_follows (company_id, execution_id, leased_by, leased_until)
    values (run.company_id, run.id, worker, now() + make_interval(secs => lease_seconds))
    on conflict (company_id, execution_id) do update
    set leased_by = excluded.leased_by, leased_until = excluded.leased_until, next_look_at = now(), looks = 0;
    id := run.id;
    return next;
  end loop;
end $$;

-- The texts of an input at the places that its schema marks as sensitive.
create function app.sensitive_texts(input jsonb, input_schema jsonb) returns setof text
  language plpgsql immutable set search_path = '' as $$
declare
  field record;
begin
  if (input_schema -> 'x-sensitive') = 'true'::jsonb then
    return query select v #>> '{}' from jsonb_path_query(input, 'strict $.**') v where jsonb_typeof(v) in ('string', 'number');
  elsif jsonb_typeof(input) = 'object' and jsonb_typeof(input_schema -> 'properties') = 'object' then
    for field in select p.key, p.value from jsonb_each(input_schema -> 'properties') p where input ? p.key loop
      return query select * from app.sensitive_texts(input -> field.key, field.value);
    end loop;
  elsif jsonb_typeof(input) = 'array' and jsonb_typeof(input_schema -> 'items') = 'object' then
    for field in select e.value from jsonb_array_elements(input) e loop
      return query select * from app.sensitive_texts(field.value, input_schema -> 'items');
    end loop;
  end if;
end $$;

-- What a flow says without these texts, which come longest first, for a short one may be part of a long one. Ids and words
-- from a list stay as they are.
create function app.without_texts(value jsonb, hidden text[]) returns jsonb
  language plpgsql immutable set search_path = '' as $$
declare
  said text;
begin
  if cardinality(hidden) = 0 then
    return value;
  end if;
  case jsonb_typeof(value)
  when 'object' then
    return (select coalesce(jsonb_object_agg(p.key, case when p.key in ('id', 'type', 'importance') then p.value
      else app.without_texts(p.value, hidden) end), '{}') from jsonb_each(value) p);
  when 'array' then
    return (select coalesce(jsonb_agg(app.without_texts(e.value, hidden) order by e.ordinality), '[]')
      from jsonb_array_elements(value) with ordinality e);
  when 'string' then
    said := value #>> '{}';
    for place in 1..cardinality(hidden) loop
      said := replace(said, hidden[place], '(hidden)');
    end loop;
    return to_jsonb(said);
  else
    return value;
  end case;
end $$;

-- Takes what a flow tells of its run. The token's hash says of which attempt; null when it is none of this run's. Messages are
-- kept by their id, so that each counts once; progress, logs and insights become events here, a result waits for the worker.
create function app.take_callback(execution uuid, token_hash text, messages jsonb)
  returns table (accepted integer, repeated integer, late integer)
  language plpgsql security definer set search_path = '' as $$
declare
  run record;
  told jsonb;
  newest integer;
  is_open boolean;
  is_result boolean;
  hidden text[];
  said text;
  shown jsonb;
begin
  select e.id, e.company_id, e.studio_id, a.number into run
  from public.workflow_executions e
  join public.execution_attempts a on a.company_id = e.company_id and a.execution_id = e.id and a.callback_secret_hash = token_hash
  where e.id = execution
  order by a.number desc limit 1;
  if not found then
    return;
  end if;
  select e.status in ('running', 'paused') into is_open from public.workflow_executions e where e.id = execution for no key update;
  select max(a.number) into newest from public.execution_attempts a where a.company_id = run.company_id and a.execution_id = execution;
  is_open := is_open and newest = run.number;
  select array(
    select s from public.workflow_executions e
    join public.workflow_template_versions v on v.template_id = e.template_id and v.version = e.template_version
    cross join lateral app.sensitive_texts(e.input_data, v.input_schema) s
    where e.id = execution and length(s) >= 3 and v.input_schema::text like '%x-sensitive%'
    group by s order by length(s) desc, s
  ) into hidden;
  accepted := 0;
  repeated := 0;
  late := 0;
  for told in select m from jsonb_array_elements(messages) m loop
    is_result := told ->> 'type' = 'finished';
    insert into public.execution_callbacks (company_id, execution_id, attempt, message_id, type, outcome, body)
    values (run.company_id, execution, run.number, told ->> 'id', told ->> 'type',
      case when not is_open then 'late' when is_result then 'waiting' else 'applied' end,
      case when is_open and is_result then told end)
    on conflict do nothing;
    if not found then
      repeated := repeated + 1;
      continue;
    end if;
    if not is_open then
      late := late + 1;
      continue;
    end if;
    accepted := accepted + 1;
    if is_result then
      update public.execution_follows f set next_look_at = now() where f.company_id = run.company_id and f.execution_id = execution;
      perform pg_notify('studios_worker', execution::text);
      continue;
    end if;
    shown := app.without_texts(told, hidden);
    said := coalesce(shown ->> 'message', shown #>> '{insight,title}');
    insert into public.execution_events (company_id, execution_id, studio_id, type, level, message, step, data)
    select run.company_id, execution, run.studio_id, told ->> 'type', coalesce(told ->> 'level', 'info'), left(said, 2000), told ->> 'step',
      jsonb_build_object('attempt', run.number)
        || case when told ? 'percent' then jsonb_build_object('percent', told -> 'percent') else '{}' end
        || case when told ? 'insight' then jsonb_build_object('insight', shown -> 'insight') else '{}' end
    where told ->> 'type' <> 'insight' or not exists (
      select from public.execution_events x
      where x.company_id = run.company_id and x.execution_id = execution and x.type = 'insight'
        and x.data #>> '{insight,id}' = told #>> '{insight,id}');
  end loop;
  return next;
end $$;

-- The state of a company's queue, and the place of each of its waiting runs: counted over all its studios, shown only to who
-- may see the run.
create function app.queue_state(company uuid) returns table (
  running bigint, concurrent_limit bigint, pending bigint, held bigint, used_this_month bigint, monthly_limit bigint, mean_seconds float8
)
  language plpgsql stable security definer set search_path = '' as $$
begin
  if not app.holds_role(company, 'viewer') then
    return;
  end if;
  return query select
    (select count(*) from public.workflow_executions e where e.company_id = company and e.status = 'running'),
    app.limit_of(company, 'max_concurrent_executions'),
    (select count(*) from public.workflow_executions e where e.company_id = company and e.status = 'pending'),
    (select count(*) from public.workflow_executions e where e.company_id = company and e.status = 'held'),
    (select coalesce(sum(u.executions), 0)::bigint from public.company_usage u
      where u.company_id = company and u.month = to_char(now() at time zone 'utc', 'YYYY-MM')),
    app.limit_of(company, 'max_executions_per_month'),
    (select avg(extract(epoch from n.completed_at - n.started_at))::float8 from (
      select e.started_at, e.completed_at from public.workflow_executions e
      where e.company_id = company and e.completed_at is not null and e.started_at is not null
      order by e.created_at desc limit 50
    ) n);
end $$;

create function app.queued_runs(company uuid) returns table (execution_id uuid, status text, held_for text, place bigint)
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

revoke all on all functions in schema app from public;
grant execute on function app.queue_state(uuid), app.queued_runs(uuid) to authenticated;
grant execute on function app.take_callback(uuid, text, jsonb) to studios_api;
grant usage on schema app to studios_api;
grant execute on function app.release_held(), app.works_in(uuid, uuid, uuid, text),
  app.claim_runs(uuid, integer, integer, integer, numeric, integer, text[]) to studios_worker;

-- Where the database is Supabase's, its Realtime serves runs and their events under the same row policies.
do $$
begin
  if exists (select from pg_catalog.pg_publication p where p.pubname = 'supabase_realtime' and not p.puballtables) then
    alter publication supabase_realtime add table public.workflow_executions, public.execution_events;
  end if;
end $$;
