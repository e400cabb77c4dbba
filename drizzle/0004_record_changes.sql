-- Audit rows, run events and wake-up calls, written by triggers so that no code path can leave them out.
create function app.create_month_partitions(parent text, months_ahead integer) returns void
  language plpgsql security definer set search_path = '' as $$
declare
  first_day date;
  partition text;
begin
  for step in 0..months_ahead loop
    first_day := (date_trunc('month', now() at time zone 'utc') + make_interval(months => step))::date;
    partition := format('%s_%s', parent, to_char(first_day, 'YYYY_MM'));
    continue when to_regclass('public.' || partition) is not null;
    begin
      execute format('create table public.%I partition of public.%I for values from (%L) to (%L)', partition, parent,
        first_day::text || ' 00:00:00+00', (first_day + interval '1 month')::date::text || ' 00:00:00+00');
    exception when check_violation then
      continue; -- the default partition holds rows of that month already, and goes on holding them
    end;
    execute format('alter table public.%I enable row level security', partition);
    execute format('alter table public.%I force row level security', partition);
    execute format('revoke all on table public.%I from public, anon, authenticated, service_role', partition);
  end loop;
end $$;

-- Called by the worker once a day; a default partition catches what a stopped worker would have missed.
create function app.keep_partitions_ahead() returns void
  language plpgsql security definer set search_path = '' as $$
begin
  perform pg_advisory_xact_lock(hashtext('app.keep_partitions_ahead'));
  perform app.create_month_partitions('execution_events', 3);
  perform app.create_month_partitions('audit_logs', 3);
end $$;

create table execution_events_default partition of execution_events default;
create table audit_logs_default partition of audit_logs default;
alter table execution_events_default enable row level security;
alter table execution_events_default force row level security;
alter table audit_logs_default enable row level security;
alter table audit_logs_default force row level security;
revoke all on table execution_events_default, audit_logs_default from public, anon, authenticated, service_role;
select app.keep_partitions_ahead();

-- The request as the API described it (id, address, client); it is information, never proof.
create function app.request_detail(name text) returns text
  language sql stable set search_path = '' as $$
  select nullif(current_setting('app.request', true), '')::jsonb ->> name
$$;

create function app.write_audit() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  before jsonb := case when tg_op = 'INSERT' then '{}'::jsonb else to_jsonb(old) end;
  after jsonb := case when tg_op = 'DELETE' then '{}'::jsonb else to_jsonb(new) end;
  whole jsonb := before || after;
  person uuid := case when session_user = 'studios_worker' then null else app.user_id() end;
  difference jsonb;
begin
  -- A statement may take its own claims away while it runs; it would otherwise pass for the operator's.
  if person is null and app.is_request() then
    raise exception using errcode = '42501', message = 'A change needs a caller to be recorded under.';
  end if;
  select coalesce(jsonb_object_agg(field.name,
      case when field.name = any (tg_argv[0]::text[]) then '"(not kept here)"'::jsonb
        else jsonb_build_object('before', before -> field.name, 'after', after -> field.name) end), '{}'::jsonb)
    into difference
    from jsonb_object_keys(whole) as field (name)
    where field.name <> 'updated_at' and (before -> field.name) is distinct from (after -> field.name);
  if tg_op = 'UPDATE' and difference = '{}'::jsonb then
    return null;
  end if;
  insert into public.audit_logs (company_id, actor, user_id, action, resource_type, resource_id, changes, request_id, ip_address, user_agent)
  values (
    coalesce(whole ->> 'company_id', case when tg_table_name = 'companies' then whole ->> 'id' end)::uuid,
    case when session_user = 'studios_worker' then 'worker' when person is not null then 'user' else 'operator' end,
    person, lower(tg_op), tg_table_name, coalesce(whole ->> 'id', whole ->> 'user_id', whole ->> 'execution_id')::uuid, difference,
    left(app.request_detail('id'), 64), left(app.request_detail('ip'), 45), left(app.request_detail('agent'), 500));
  return null;
end $$;

create trigger plans_audit after insert or update or delete on plans for each row execute function app.write_audit('{}');
create trigger companies_audit after insert or update or delete on companies for each row execute function app.write_audit('{}');
create trigger company_limits_audit after insert or update or delete on company_limits for each row execute function app.write_audit('{}');
create trigger user_profiles_audit after insert or update or delete on user_profiles for each row
  execute function app.write_audit('{last_login_at}');
create trigger user_companies_audit after insert or update or delete on user_companies for each row execute function app.write_audit('{}');
create trigger studios_audit after insert or update or delete on studios for each row execute function app.write_audit('{}');
create trigger studio_members_audit after insert or update or delete on studio_members for each row execute function app.write_audit('{}');
create trigger workflow_templates_audit after insert or update or delete on workflow_templates for each row
  execute function app.write_audit('{search}');
create trigger workflow_template_versions_audit after insert or update or delete on workflow_template_versions for each row
  execute function app.write_audit('{manifest,flow,input_schema,output_schema,sample_input,example_result}');
create trigger workflow_executions_audit after insert or update or delete on workflow_executions for each row
  execute function app.write_audit('{input_data,output_data,insights}');
create trigger execution_attempts_audit after insert or update or delete on execution_attempts for each row
  execute function app.write_audit('{callback_secret_hash}');

create function app.status_message(status text, reason text) returns text
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

-- Every change of a run's status is an event of it, in the same transaction.
create function app.record_status() returns trigger
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

create function app.wake_watchers() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  perform pg_notify('studios_events', new.execution_id::text);
  return null;
end $$;

create trigger execution_events_wake_watchers after insert on execution_events for each row execute function app.wake_watchers();

revoke all on all functions in schema app from public;
grant execute on function app.keep_partitions_ahead() to studios_worker;
