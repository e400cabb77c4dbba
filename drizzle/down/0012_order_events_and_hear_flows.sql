drop trigger user_companies_wake_watchers on user_companies;
drop trigger execution_events_order on execution_events;

-- Takes what a flow tells of its run. The token's hash says of which attempt; null when it is none of this run's. Messages are
-- kept by their id, so that each counts once; progress, logs and insights become events here, a result waits for the worker.
create or replace function app.take_callback(execution uuid, token_hash text, messages jsonb)
  returns table (accepted integer, repeated integer, late integer)
  language plpgsql security definer set search_path = '' as $$
declare
  run record;
  message jsonb;
  newest integer;
  is_open boolean;
  is_result boolean;
  hidden text[];
  said text;
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
    select distinct s from public.workflow_executions e
    join public.workflow_template_versions v on v.template_id = e.template_id and v.version = e.template_version
    cross join lateral app.sensitive_texts(e.input_data, v.input_schema) s
    where e.id = execution and length(s) >= 3 and v.input_schema::text like '%x-sensitive%'
  ) into hidden;
  accepted := 0;
  repeated := 0;
  late := 0;
  for message in select m from jsonb_array_elements(messages) m loop
    is_result := message ->> 'type' = 'finished';
    insert into public.execution_callbacks (company_id, execution_id, attempt, message_id, type, outcome, body)
    values (run.company_id, execution, run.number, message ->> 'id', message ->> 'type',
      case when not is_open then 'late' when is_result then 'waiting' else 'applied' end,
      case when is_open and is_result then message end)
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
    said := coalesce(message ->> 'message', message #>> '{insight,title}');
    for i in 1..coalesce(array_length(hidden, 1), 0) loop
      said := replace(said, hidden[i], '(hidden)');
    end loop;
    insert into public.execution_events (company_id, execution_id, studio_id, type, level, message, step, data)
    select run.company_id, execution, run.studio_id, message ->> 'type', coalesce(message ->> 'level', 'info'), left(said, 2000), message ->> 'step',
      jsonb_strip_nulls(jsonb_build_object('attempt', run.number, 'percent', message -> 'percent', 'insight', message -> 'insight'))
    where message ->> 'type' <> 'insight' or not exists (
      select from public.execution_events x
      where x.company_id = run.company_id and x.execution_id = execution and x.type = 'insight'
        and x.data #>> '{insight,id}' = message #>> '{insight,id}');
  end loop;
  return next;
end $$;

drop function app.without_texts(jsonb, text[]);
drop function app.wake_company_watchers();
drop function app.order_events();
