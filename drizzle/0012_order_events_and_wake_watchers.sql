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

revoke all on function app.order_events(), app.wake_company_watchers() from public;
