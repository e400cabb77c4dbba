do $$
begin
  if exists (
    select from pg_catalog.pg_publication_rel r join pg_catalog.pg_publication p on p.oid = r.prpubid
    where p.pubname = 'supabase_realtime' and r.prrelid = 'public.workflow_executions'::regclass
  ) then
    alter publication supabase_realtime drop table public.workflow_executions, public.execution_events;
  end if;
end $$;

drop trigger workflow_schedules_wake_worker on workflow_schedules;
drop trigger bulk_operations_wake_worker on bulk_operations;
drop trigger execution_effects_wake_worker on execution_effects;
drop trigger plans_wake_worker on plans;
drop trigger company_limits_wake_worker on company_limits;
drop trigger companies_wake_worker on companies;
drop trigger workflow_schedules_touch on workflow_schedules;
drop trigger integrations_touch on integrations;
drop trigger workflow_schedules_audit on workflow_schedules;
drop trigger integration_flows_audit on integration_flows;
drop trigger integrations_audit on integrations;
drop trigger insights_audit on insights;
drop trigger failure_groups_audit on failure_groups;
drop trigger bulk_operations_audit on bulk_operations;

revoke all on bulk_items, bulk_operations, execution_callbacks, execution_effects, execution_follows, failure_groups, insights, integration_flows, integrations, schedule_occurrences, workflow_schedules from authenticated, studios_worker;
revoke select (id, company_id, kind, settings, status, status_message, checked_at, created_by, created_at, updated_at, removed_at)
  on integrations from authenticated;
revoke update (status, completed_at) on bulk_operations from authenticated, studios_worker;
revoke insert on workflow_executions from studios_worker;
revoke update (held_for, retry_from, answer) on workflow_executions from authenticated;
revoke update (cancel_requested_at, failed_step, waiting_for, answer, held_for, retry_from) on workflow_executions from studios_worker;
revoke select (origin, integration_id, not_before) on execution_attempts from authenticated;
revoke usage on schema app from studios_api;

create or replace function app.wake_watchers() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  perform pg_notify('studios_events', new.execution_id::text);
  return null;
end $$;

drop trigger workflow_executions_record_status on workflow_executions;
drop function app.status_message(workflow_executions);
create or replace function app.status_message(status text, reason text) returns text
  language sql immutable set search_path = '' as $$
  select case status
    when 'pending' then 'The run is accepted and waits for its turn.'
    when 'held' then 'The plan''s runs for this month are used up; this run is kept and waits.'
    when 'running' then 'The run has started.'
    when 'paused' then 'The run is paused.'
    when 'succeeded' then 'The run has finished; its result is ready.'
    when 'failed' then 'The run has failed: ' || coalesce(reason, 'no reason was given.')
    when 'cancelled' then 'The run was cancelled.'
  end
$$;
create or replace function app.record_status() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'UPDATE' and new.status = old.status then
    if new.cancel_requested_at is distinct from old.cancel_requested_at then
      perform pg_notify('studios_worker', new.id::text);
    end if;
    return null;
  end if;
  insert into public.execution_events (company_id, execution_id, studio_id, type, level, message, data)
  values (new.company_id, new.id, new.studio_id, 'status', case when new.status = 'failed' then 'error' else 'info' end,
    left(app.status_message(new.status, new.error_message), 2000),
    jsonb_build_object('status', new.status, 'failureKind', new.failure_kind));
  if new.status in ('pending', 'cancelled') then
    perform pg_notify('studios_worker', new.id::text);
  end if;
  return null;
end $$;
create trigger workflow_executions_record_status after insert or update of status, cancel_requested_at on workflow_executions
  for each row execute function app.record_status();
create or replace function app.accept_execution() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  used integer;
begin
  if app.is_request() then
    if not app.holds_role(new.company_id, 'member') then
      return new;
    end if;
    if (select c.status from public.companies c where c.id = new.company_id) <> 'active' then
      raise exception using errcode = 'ST003', message = 'The company is suspended; no workflow can be started.';
    end if;
    if (select s.archived_at from public.studios s where s.company_id = new.company_id and s.id = new.studio_id) is not null then
      raise exception using errcode = 'ST003', message = 'The studio is archived; no workflow can be started in it.';
    end if;
    if (new.activepieces_run_id, new.output_data, new.failure_kind, new.started_at, new.completed_at, new.error_message, new.minutes_saved)
        is distinct from (null, null, null, null, null, null, null) or new.retry_count <> 0 or new.insights <> '[]' then
      raise exception using errcode = 'ST001', message = 'Only the worker records what a run did.';
    end if;
  end if;
  if not exists (
    select 1 from public.workflow_templates t
    where t.id = new.template_id and (t.company_id is null or t.company_id = new.company_id)
  ) then
    raise exception using errcode = 'ST003', message = 'No such workflow is offered to this company.';
  end if;
  insert into public.company_usage as u (company_id, month, executions)
  values (new.company_id, to_char(now() at time zone 'utc', 'YYYY-MM'), 1)
  on conflict (company_id, month) do update set executions = u.executions + 1
  returning u.executions into used;
  new.status := case when used > app.limit_of(new.company_id, 'max_executions_per_month') then 'held' else 'pending' end;
  return new;
end $$;
create or replace function app.guard_execution() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if new.status <> old.status and (old.status, new.status) not in (select m.before, m.after from app.execution_moves() m) then
    raise exception using errcode = 'ST003', message = format('This run is %s and cannot become %s.', old.status, new.status);
  end if;
  if app.is_request() and new.status not in (old.status, 'cancelled') then
    raise exception using errcode = 'ST001', message = 'Only the worker moves a run on.';
  end if;
  if app.is_request() and new.status = old.status and new.completed_at is distinct from old.completed_at then
    raise exception using errcode = 'ST001', message = 'Only the worker records what a run did.';
  end if;
  return new;
end $$;

drop function app.without_texts(jsonb, text[]), app.queue_state(uuid), app.queued_runs(uuid), app.take_callback(uuid, text, jsonb), app.sensitive_texts(jsonb, jsonb),
  app.claim_runs(uuid, integer, integer, integer, numeric, integer, text[]), app.wake_worker(), app.group_failure(workflow_executions),
  app.failure_pattern(text), app.require_open_place(uuid, uuid), app.release_held(), app.count_run(uuid), app.lock_usage(uuid, text),
  app.works_in(uuid, uuid, uuid, text);
revoke all on all functions in schema app from public;

do $$
declare
  relation text;
begin
  foreach relation in array array['bulk_items', 'bulk_operations', 'execution_callbacks', 'execution_effects', 'execution_follows',
    'failure_groups', 'insights', 'integration_flows', 'integrations', 'schedule_occurrences', 'workflow_schedules']
  loop
    execute format('alter table public.%I no force row level security', relation);
  end loop;
end $$;
