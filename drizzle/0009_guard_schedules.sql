-- Rules of schedules that hold whatever code or SQL makes the change, and the wake-up of those that wait for a run's end.
create function app.guard_new_schedule() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  most constant integer := 100;
begin
  if app.is_request() and not app.holds_role(new.company_id, 'member') then
    return new;
  end if;
  perform 1 from public.companies c where c.id = new.company_id for no key update;
  if (select count(*) from public.workflow_schedules s where s.company_id = new.company_id) >= most then
    raise exception using errcode = 'ST002',
      message = format('A company has at most %s schedules; remove one that is not needed any more.', most);
  end if;
  perform app.require_open_place(new.company_id, new.studio_id);
  return new;
end $$;

-- A schedule runs in the name of the person who set it up, or who last changed when or with what it runs: nobody makes
-- runs in somebody else's name.
create function app.guard_schedule() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if not app.is_request() then
    return new;
  end if;
  if new.is_active and not old.is_active then
    perform app.require_open_place(new.company_id, new.studio_id);
    new.stopped_reason := null;
    new.user_id := app.user_id();
  elsif (new.cron, new.timezone, new.input_data, new.overlap) is distinct from (old.cron, old.timezone, old.input_data, old.overlap)
      or (new.next_due_at is not null and new.next_due_at is distinct from old.next_due_at) then
    new.user_id := app.user_id();
  end if;
  return new;
end $$;

create trigger workflow_schedules_guard_insert before insert on workflow_schedules for each row
  execute function app.guard_new_schedule();
create trigger workflow_schedules_guard_update before update on workflow_schedules for each row execute function app.guard_schedule();

create trigger workflow_executions_wake_schedules after update of status on workflow_executions for each row
  when (new.source = 'schedule' and new.status is distinct from old.status and new.status in ('succeeded', 'failed'))
  execute function app.wake_worker();

revoke all on function app.guard_new_schedule(), app.guard_schedule() from public;
