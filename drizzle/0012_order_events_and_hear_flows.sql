-- The events of one run have ids in the order in which they become visible, whoever writes them: the run is held from before
-- an id is drawn until the commit. A watcher that goes on after an id therefore misses none.
create function app.order_events() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  perform 1 from public.workflow_executions e where e.company_id = new.company_id and e.id = new.execution_id for no key update;
  new.id := nextval('app.execution_event_ids');
  return new;
end $$;

create trigger execution_events_order before insert on execution_events for each row execute function app.order_events();

-- Watchers of a company look again when somebody's membership changes: it may be their own that has ended.
create function app.wake_company_watchers() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  perform pg_notify('studios_events', left(encode(sha256(convert_to(old.company_id::text, 'UTF8')), 'hex'), 32));
  return null;
end $$;

create trigger user_companies_wake_watchers after update of status or delete on user_companies
  for each row execute function app.wake_company_watchers();

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

revoke all on function app.order_events(), app.wake_company_watchers(), app.without_texts(jsonb, text[]) from public;
