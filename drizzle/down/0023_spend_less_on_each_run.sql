alter table workflow_executions alter column input_data set storage extended, alter column input_data set compression default;

drop trigger workflow_executions_audit_input on workflow_executions;
drop trigger workflow_executions_audit_output on workflow_executions;
drop trigger workflow_executions_audit on workflow_executions;
drop trigger execution_attempts_audit on execution_attempts;
create trigger workflow_executions_audit after insert or update or delete on workflow_executions for each row
  execute function app.write_audit('{input_data,output_data,insights}');
create trigger execution_attempts_audit after insert or update or delete on execution_attempts for each row
  execute function app.write_audit('{callback_secret_hash}');

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

drop function app.write_run_audit();
drop function app.record_change(text, text, jsonb, jsonb, text[]);

create function app.status_message(run public.workflow_executions) returns text
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

revoke all on function app.status_message(public.workflow_executions) from public;

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

drop function app.status_message(text, integer, text, jsonb, text);
