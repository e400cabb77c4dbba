-- A run is accepted by one statement, and what its triggers ask of the database is asked in fewer queries.

-- The studio's key holds the company, the version's key the template: these two say the same again, and each start would have
-- to lock the rows that all other starts lock.
alter table workflow_executions drop constraint workflow_executions_company_id_companies_id_fk,
  drop constraint workflow_executions_template_id_workflow_templates_id_fk;

-- Accepts a run for whoever asks, or gives nothing: unless the person may start workflows in the studio, the workflow is on
-- offer there with just this content, and the key is new. Whoever gets nothing looks what it was. Who accepts runs by this
-- function tells of them after the commit: PostgreSQL lets only one transaction at a time commit a NOTIFY.
create function app.start_run(
  studio uuid, template uuid, content text, origin text, original uuid, lineage jsonb, input jsonb, hash text, used jsonb, key text
) returns table (id uuid, company_id uuid, template_name text, template_version text, status text, held_for text, created_at timestamptz)
  language plpgsql security definer set search_path = '' as $$
declare
  person constant uuid := app.user_id();
begin
  select s.company_id, t.name, t.version into company_id, template_name, template_version
  from public.studios s
  join public.workflow_templates t on t.id = template and t.is_active and (t.company_id is null or t.company_id = s.company_id)
  join public.workflow_template_versions v on v.template_id = t.id and v.version = t.version and v.content_hash = content
  where s.id = studio and app.works_in(person, s.company_id, s.id, 'member');
  if not found then
    return;
  end if;
  if key is not null and exists (
    select from public.workflow_executions e where e.company_id = start_run.company_id and e.idempotency_key = key
  ) then
    return;
  end if;
  perform set_config('app.tells_later', 'yes', true);
  insert into public.workflow_executions as e (company_id, studio_id, template_id, template_version, user_id, source, replay_of, cause,
    input_data, input_hash, files_used, idempotency_key)
  values (start_run.company_id, studio, template, start_run.template_version, person, origin, original, lineage, input, hash, used, key)
  returning e.id, e.status, e.held_for, e.created_at into start_run.id, start_run.status, start_run.held_for, start_run.created_at;
  perform set_config('app.tells_later', '', true);
  return next;
end $$;

-- Who tells of a change after its commit says so for the transaction. Anybody may say it; without a word, those who wait look
-- by themselves some seconds later.
create function app.tell(channel text, news text) returns void
  language plpgsql set search_path = '' as $$
begin
  if coalesce(current_setting('app.tells_later', true), '') = '' then
    perform pg_notify(channel, news);
  end if;
end $$;

create or replace function app.wake_watchers() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  perform app.tell('studios_events', new.execution_id::text || ' ' || left(encode(sha256(convert_to(new.company_id::text, 'UTF8')), 'hex'), 32));
  return null;
end $$;

create or replace function app.status_message(run public.workflow_executions) returns text
  language plpgsql immutable set search_path = '' as $$
begin
  return case run.status
    when 'pending' then case when run.retry_count = 0 then 'The run is accepted and waits for its turn.'
      else format('The run is tried again and waits for its turn (try %s of 4).', run.retry_count + 1) end
    when 'held' then case when run.held_for = 'person' then 'The run is paused before its start; it starts once somebody resumes it.'
      else 'The plan''s runs for this month are used up; this run is kept and waits.' end
    when 'running' then 'The run has started.'
    when 'paused' then 'The run is paused' || coalesce(': it waits at "' || (run.waiting_for ->> 'title') || '".', '.')
    when 'succeeded' then 'The run has finished; its result is ready.'
    when 'failed' then 'The run has failed: ' || coalesce(run.error_message, 'no reason was given.')
    when 'cancelled' then 'The run was cancelled.'
  end;
end $$;

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
    left(app.status_message(new), 2000),
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

create or replace function app.count_run(company uuid) returns boolean
  language plpgsql security definer set search_path = '' as $$
declare
  slots constant integer := 16;
  this_month constant text := to_char(now() at time zone 'utc', 'YYYY-MM');
  own_slot constant integer := pg_backend_pid() % slots;
  allowed bigint;
  used bigint;
  is_queued boolean;
begin
  select coalesce(l.max_executions_per_month, p.max_executions_per_month),
    (select sum(u.executions) from public.company_usage u where u.company_id = company and u.month = this_month),
    exists (select from public.workflow_executions e where e.company_id = company and e.status = 'held' and e.held_for = 'quota')
  into allowed, used, is_queued
  from public.companies c
  join public.plans p on p.name = c.plan
  left join public.company_limits l on l.company_id = c.id
  where c.id = company;
  -- Nobody overtakes those who wait.
  if is_queued then
    return false;
  end if;
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

-- Of a row that is new or gone the record holds what is in it; of one that changed, each field before and after.
create or replace function app.write_audit() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  before constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  after constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  whole constant jsonb := coalesce(after, before);
  unkept constant text[] := tg_argv[0]::text[];
  request constant jsonb := nullif(current_setting('app.request', true), '')::jsonb;
  is_worker constant boolean := session_user = 'studios_worker' and coalesce(current_setting('app.claims', true), '') = '';
  person constant uuid := case when is_worker then nullif(current_setting('app.in_name_of', true), '')::uuid else app.user_id() end;
  content jsonb;
  field text;
begin
  -- A statement may take its own claims away while it runs; it would otherwise pass for the operator's.
  if person is null and app.is_request() then
    raise exception using errcode = '42501', message = 'A change needs a caller to be recorded under.';
  end if;
  if tg_op = 'UPDATE' then
    select coalesce(jsonb_object_agg(f.name,
        case when f.name = any (unkept) then '"(not kept here)"'::jsonb
          else jsonb_build_object('before', before -> f.name, 'after', after -> f.name) end), '{}'::jsonb)
      into content
      from jsonb_object_keys(after) as f (name)
      where f.name <> 'updated_at' and before -> f.name <> after -> f.name;
    if content = '{}'::jsonb then
      return null;
    end if;
  else
    content := jsonb_strip_nulls(whole - unkept - 'updated_at');
    foreach field in array unkept loop
      if jsonb_typeof(whole -> field) <> 'null' then
        content := content || jsonb_build_object(field, '(not kept here)');
      end if;
    end loop;
  end if;
  insert into public.audit_logs (company_id, actor, user_id, action, resource_type, resource_id, changes, request_id, ip_address, user_agent)
  values (
    coalesce(whole ->> 'company_id', case when tg_table_name = 'companies' then whole ->> 'id' end)::uuid,
    case when is_worker then 'worker' when person is not null then 'user' when session_user = 'studios_worker' then 'worker'
      else 'operator' end,
    person, lower(tg_op), tg_table_name, coalesce(whole ->> 'id', whole ->> 'user_id', whole ->> 'execution_id')::uuid, content,
    left(request ->> 'id', 64), left(request ->> 'ip', 45), left(request ->> 'agent', 500));
  return null;
end $$;

create or replace function app.require_open_place(company uuid, studio uuid) returns void
  language plpgsql security definer set search_path = '' as $$
declare
  company_status text;
  archived_at timestamptz;
begin
  select c.status, s.archived_at into company_status, archived_at
  from public.companies c
  left join public.studios s on s.company_id = c.id and s.id = studio
  where c.id = company;
  if company_status <> 'active' then
    raise exception using errcode = 'ST003', message = 'The company is suspended; no workflow can be started.';
  end if;
  if archived_at is not null then
    raise exception using errcode = 'ST003', message = 'The studio is archived; no workflow can be started in it.';
  end if;
end $$;

-- Of two indexes PostgreSQL may choose the worse one while a table is new; by its key alone a run is found by one only.
create or replace function app.order_events() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  perform 1 from public.workflow_executions e where e.id = new.execution_id for no key update;
  new.id := nextval('app.execution_event_ids');
  return new;
end $$;

revoke all on all functions in schema app from public;
grant execute on function app.start_run(uuid, uuid, text, text, uuid, jsonb, jsonb, text, jsonb, text) to authenticated;
