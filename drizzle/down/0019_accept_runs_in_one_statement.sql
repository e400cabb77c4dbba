alter table workflow_executions
  add constraint workflow_executions_company_id_companies_id_fk foreign key (company_id) references companies (id) on delete cascade,
  add constraint workflow_executions_template_id_workflow_templates_id_fk foreign key (template_id) references workflow_templates (id);

drop function app.start_run(uuid, uuid, text, text, uuid, jsonb, jsonb, text, jsonb, text);

create or replace function app.order_events() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  perform 1 from public.workflow_executions e where e.company_id = new.company_id and e.id = new.execution_id for no key update;
  new.id := nextval('app.execution_event_ids');
  return new;
end $$;

create or replace function app.require_open_place(company uuid, studio uuid) returns void
  language plpgsql security definer set search_path = '' as $$
begin
  if (select c.status from public.companies c where c.id = company) <> 'active' then
    raise exception using errcode = 'ST003', message = 'The company is suspended; no workflow can be started.';
  end if;
  if (select s.archived_at from public.studios s where s.company_id = company and s.id = studio) is not null then
    raise exception using errcode = 'ST003', message = 'The studio is archived; no workflow can be started in it.';
  end if;
end $$;

create or replace function app.write_audit() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  before jsonb := case when tg_op = 'INSERT' then '{}'::jsonb else to_jsonb(old) end;
  after jsonb := case when tg_op = 'DELETE' then '{}'::jsonb else to_jsonb(new) end;
  whole jsonb := before || after;
  is_worker constant boolean := session_user = 'studios_worker' and coalesce(current_setting('app.claims', true), '') = '';
  person uuid := case when is_worker then nullif(current_setting('app.in_name_of', true), '')::uuid else app.user_id() end;
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
    case when is_worker then 'worker' when person is not null then 'user' when session_user = 'studios_worker' then 'worker'
      else 'operator' end,
    person, lower(tg_op), tg_table_name, coalesce(whole ->> 'id', whole ->> 'user_id', whole ->> 'execution_id')::uuid, difference,
    left(app.request_detail('id'), 64), left(app.request_detail('ip'), 45), left(app.request_detail('agent'), 500));
  return null;
end $$;

create or replace function app.count_run(company uuid) returns boolean
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

create or replace function app.status_message(run public.workflow_executions) returns text
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

create or replace function app.wake_watchers() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  perform pg_notify('studios_events', new.execution_id::text || ' ' || left(encode(sha256(convert_to(new.company_id::text, 'UTF8')), 'hex'), 32));
  return null;
end $$;

drop function app.tell(text, text);
