-- Ends a try of a run, unless it has ended or been tried again: what is new of its steps and insights, its effects, its attempt
-- and the guarded move, in one statement of the worker.
create function app.end_run(execution uuid, tries integer, attempt integer, origin integer, ending jsonb, told jsonb, effects jsonb)
  returns boolean
  language plpgsql set search_path = '' as $$
declare
  run record;
  next_effect integer;
begin
  select e.company_id, e.studio_id, e.status, e.retry_count into run
  from public.workflow_executions e where e.id = execution for no key update;
  if run.retry_count is distinct from tries or run.status not in ('running', 'paused') then
    return false;
  end if;
  insert into public.execution_events (company_id, execution_id, studio_id, type, level, message, step, data)
  select run.company_id, execution, run.studio_id, t.type, t.level, left(t.message, 2000), left(t.step, 100), t.data
  from rows from (jsonb_to_recordset(told) as (type text, level text, message text, step text, data jsonb)) with ordinality
    as t (type, level, message, step, data, place)
  where not exists (
    select from public.execution_events x
    where x.company_id = run.company_id and x.execution_id = execution and x.type = t.type and case t.type
      when 'insight' then x.data #>> '{insight,id}' = t.data #>> '{insight,id}'
      when 'step' then x.step = t.step and x.data ->> 'status' = t.data ->> 'status' and ((x.data ->> 'attempt')::integer = attempt
        or (x.data ->> 'attempt')::integer >= origin and x.data ->> 'status' = 'succeeded')
      else false end)
  order by t.place;
  if ending ->> 'status' = 'succeeded' and run.status = 'paused' then
    update public.workflow_executions e set status = 'running' where e.id = execution;
  end if;
  update public.execution_attempts a
  set status = ending ->> 'status', ended_at = (ending ->> 'completedAt')::timestamptz, error = ending ->> 'errorMessage',
    engine_run_id = coalesce(ending ->> 'engineRunId', a.engine_run_id)
  where a.company_id = run.company_id and a.execution_id = execution and a.number = attempt;
  if jsonb_array_length(effects) > 0 then
    next_effect := (select min((f ->> 'ordinal')::integer) from jsonb_array_elements(effects) f where f ->> 'outcome' = 'waiting');
    insert into public.execution_effects (company_id, execution_id, studio_id, ordinal, kind, arguments, outcome, reason, is_next)
    select run.company_id, execution, run.studio_id, f.ordinal, f.kind, f.arguments, f.outcome, f.reason,
      f.ordinal is not distinct from next_effect
    from jsonb_to_recordset(effects) as f (ordinal integer, kind text, arguments jsonb, outcome text, reason text);
  end if;
  update public.workflow_executions e
  set status = ending ->> 'status', completed_at = (ending ->> 'completedAt')::timestamptz,
    output_data = coalesce(ending -> 'outputData', e.output_data), insights = coalesce(ending -> 'outputData' -> 'insights', e.insights),
    minutes_saved = coalesce((ending ->> 'minutesSaved')::integer, e.minutes_saved),
    activepieces_run_id = coalesce(ending ->> 'engineRunId', e.activepieces_run_id),
    failure_kind = ending ->> 'failureKind', error_message = ending ->> 'errorMessage', failed_step = ending ->> 'failedStep'
  where e.id = execution;
  return true;
end $$;

revoke all on function app.end_run(uuid, integer, integer, integer, jsonb, jsonb, jsonb) from public;
grant execute on function app.end_run(uuid, integer, integer, integer, jsonb, jsonb, jsonb) to studios_worker;

-- As before; what has to be hidden is looked for only where something is told.
create or replace function app.take_callback(execution uuid, token_hash text, messages jsonb)
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
    if hidden is null then
      select array(
        select s from public.workflow_executions e
        join public.workflow_template_versions v on v.template_id = e.template_id and v.version = e.template_version
        cross join lateral app.sensitive_texts(e.input_data, v.input_schema) s
        where e.id = execution and length(s) >= 3 and v.input_schema::text like '%x-sensitive%'
        group by s order by length(s) desc, s
      ) into hidden;
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

-- As before, with less to do for each event.
create or replace function app.order_events() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  -- Held once in a transaction: a statement writes many events of a run.
  if current_setting('app.held_run', true) is distinct from new.execution_id::text then
    perform 1 from public.workflow_executions e where e.id = new.execution_id for no key update;
    perform set_config('app.held_run', new.execution_id::text, true);
  end if;
  new.id := nextval('app.execution_event_ids');
  return new;
end $$;

create or replace function app.wake_watchers() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  perform app.tell('studios_events', told.execution_id::text || ' ' || left(encode(sha256(convert_to(told.company_id::text, 'UTF8')), 'hex'), 32))
  from (select distinct a.execution_id, a.company_id from added a) told;
  return null;
end $$;

drop trigger execution_events_wake_watchers on execution_events;
create trigger execution_events_wake_watchers after insert on execution_events referencing new table as added
  for each statement execute function app.wake_watchers();
