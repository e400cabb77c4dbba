create or replace function app.wake_watchers() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  perform app.tell('studios_events', new.execution_id::text || ' ' || left(encode(sha256(convert_to(new.company_id::text, 'UTF8')), 'hex'), 32));
  return null;
end $$;

drop trigger execution_events_wake_watchers on execution_events;
create trigger execution_events_wake_watchers after insert on execution_events for each row execute function app.wake_watchers();

create or replace function app.order_events() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  perform 1 from public.workflow_executions e where e.id = new.execution_id for no key update;
  new.id := nextval('app.execution_event_ids');
  return new;
end $$;

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

drop function app.end_run(uuid, integer, integer, integer, jsonb, jsonb, jsonb);
