-- pglz takes longer for a large input than everything else that is done for its run. lz4 does not; where the server was built
-- without it the input is kept as it is.
do $$
begin
  alter table workflow_executions alter column input_data set compression lz4;
exception when feature_not_supported then
  alter table workflow_executions alter column input_data set storage external;
end $$;

-- As before, for what a trigger has made of its row. A trigger that is given a row to hand on would read all of it.
create function app.record_change(operation text, resource text, before jsonb, after jsonb, unkept text[]) returns void
  language plpgsql security definer set search_path = '' as $$
declare
  whole constant jsonb := coalesce(after, before);
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
  if operation = 'UPDATE' then
    select coalesce(jsonb_object_agg(f.name,
        case when f.name = any (unkept) then '"(not kept here)"'::jsonb
          else jsonb_build_object('before', before -> f.name, 'after', after -> f.name) end), '{}'::jsonb)
      into content
      from jsonb_object_keys(after) as f (name)
      where f.name <> 'updated_at' and before -> f.name <> after -> f.name;
    if content = '{}'::jsonb then
      return;
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
    coalesce(whole ->> 'company_id', case when resource = 'companies' then whole ->> 'id' end)::uuid,
    case when is_worker then 'worker' when person is not null then 'user' when session_user = 'studios_worker' then 'worker'
      else 'operator' end,
    person, lower(operation), resource, coalesce(whole ->> 'id', whole ->> 'user_id', whole ->> 'execution_id')::uuid, content,
    left(request ->> 'id', 64), left(request ->> 'ip', 45), left(request ->> 'agent', 500));
end $$;
revoke all on function app.record_change(text, text, jsonb, jsonb, text[]) from public;

create or replace function app.write_audit() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  perform app.record_change(tg_op, tg_table_name, case when tg_op <> 'INSERT' then to_jsonb(old) end,
    case when tg_op <> 'DELETE' then to_jsonb(new) end, tg_argv[0]::text[]);
  return null;
end $$;

-- What a run takes and gives may be megabytes, of which no audit row tells more than that it is there.
create function app.write_run_audit() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  something constant jsonb := 'true';
begin
  if tg_op <> 'INSERT' then
    old.input_data := something;
    old.output_data := case when old.output_data is not null then something end;
  end if;
  if tg_op <> 'DELETE' then
    new.input_data := something;
    new.output_data := case when new.output_data is not null then something end;
  end if;
  perform app.record_change(tg_op, tg_table_name, case when tg_op <> 'INSERT' then to_jsonb(old) end,
    case when tg_op <> 'DELETE' then to_jsonb(new) end, '{input_data,output_data,insights}');
  return null;
end $$;
revoke all on function app.write_run_audit() from public;

drop trigger workflow_executions_audit on workflow_executions;
create trigger workflow_executions_audit after insert or update or delete on workflow_executions
  for each row execute function app.write_run_audit();
-- What is there already is changed by no code of ours, so that these cost nothing.
create trigger workflow_executions_audit_input after update of input_data on workflow_executions
  for each row when (old.input_data is distinct from new.input_data) execute function app.write_audit('{input_data,output_data,insights}');
create trigger workflow_executions_audit_output after update of output_data on workflow_executions
  for each row when (old.output_data is not null and new.output_data is not null and old.output_data is distinct from new.output_data)
  execute function app.write_audit('{input_data,output_data,insights}');

-- When an attempt was sent and under which secret is told by the attempt itself.
drop trigger execution_attempts_audit on execution_attempts;
create trigger execution_attempts_audit after insert or delete or update of company_id, execution_id, studio_id, number, origin, integration_id,
  engine_run_id, status, error on execution_attempts for each row execute function app.write_audit('{callback_secret_hash}');

-- As before, of the fields that it is about: to hand on a row is to read all of it.
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
drop function app.status_message(public.workflow_executions);
