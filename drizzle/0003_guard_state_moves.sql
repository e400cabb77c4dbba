-- Rules of state and of plan limits that hold whatever code or SQL makes the change. Refusals carry SQLSTATE ST001 to ST004
-- and a message for people; the API passes both on.
create function app.is_request() returns boolean
  language sql stable set search_path = '' as $$ select session_user in ('studios_api', 'authenticator') $$;

create function app.holds_role(company uuid, minimum_role text) returns boolean
  language sql stable set search_path = '' as $$ select company = any (app.company_ids(minimum_role)) $$;

create function app.touch() returns trigger
  language plpgsql set search_path = '' as $$
begin
  new.updated_at := now();
  return new;
end $$;

create function app.limit_of(company uuid, limit_name text) returns bigint
  language sql stable security definer set search_path = '' as $$
  select coalesce((to_jsonb(l) ->> limit_name)::bigint, (to_jsonb(p) ->> limit_name)::bigint)
  from public.companies c
  join public.plans p on p.name = c.plan
  left join public.company_limits l on l.company_id = c.id
  where c.id = company
$$;

create function app.membership_moves() returns table (before text, after text)
  language sql immutable as $$
  values ('pending', 'approved'), ('pending', 'rejected'), ('approved', 'inactive'), ('inactive', 'approved'), ('rejected', 'pending')
$$;

create function app.execution_moves() returns table (before text, after text)
  language sql immutable as $$
  values ('pending', 'running'), ('pending', 'held'), ('pending', 'cancelled'), ('pending', 'failed'),
    ('held', 'pending'), ('held', 'cancelled'),
    ('running', 'succeeded'), ('running', 'failed'), ('running', 'paused'), ('running', 'cancelled'),
    ('paused', 'running'), ('paused', 'cancelled'), ('paused', 'failed'), ('failed', 'pending')
$$;

create function app.guard_membership() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if (new.company_id, new.user_id, new.id) is distinct from (old.company_id, old.user_id, old.id) then
    raise exception using errcode = 'ST003', message = 'A membership stays with its person and its company.';
  end if;
  if new.status <> old.status and (old.status, new.status) not in (select m.before, m.after from app.membership_moves() m) then
    raise exception using errcode = 'ST003',
      message = format('This membership is %s and cannot become %s.', old.status, new.status);
  end if;
  if app.is_request() and not app.holds_role(old.company_id, 'admin') and not (
    new.role = old.role and new.user_id = app.user_id()
    and (old.status, new.status) in (('approved', 'inactive'), ('rejected', 'pending'))
  ) then
    raise exception using errcode = 'ST001', message = 'Only an admin of the company can do this.';
  end if;
  if app.is_request() and new.approved_by is distinct from old.approved_by and new.approved_by is distinct from app.user_id() then
    raise exception using errcode = 'ST001', message = 'An approval carries the name of the person who gives it.';
  end if;
  -- Whoever changes members of one company waits here for the other: two last admins cannot leave at the same moment.
  perform 1 from public.companies c where c.id = old.company_id for no key update;
  if old.status = 'approved' and old.role = 'admin' and (new.status <> 'approved' or new.role <> 'admin') and not exists (
    select 1 from public.user_companies m
    where m.company_id = old.company_id and m.id <> old.id and m.role = 'admin' and m.status = 'approved'
  ) then
    raise exception using errcode = 'ST004',
      message = 'This is the last admin of the company; make somebody else an admin first.';
  end if;
  if new.status = 'approved' and old.status <> 'approved' and (
    select count(*) from public.user_companies m where m.company_id = old.company_id and m.status = 'approved'
  ) >= app.limit_of(old.company_id, 'max_users') then
    raise exception using errcode = 'ST002', message = format(
      'The plan allows %s people and all places are taken; revoke a member or change the plan.',
      app.limit_of(old.company_id, 'max_users'));
  end if;
  return new;
end $$;

create function app.require_studio_place(company uuid) returns void
  language plpgsql security definer set search_path = '' as $$
begin
  perform 1 from public.companies c where c.id = company for no key update;
  if (select count(*) from public.studios s where s.company_id = company and s.archived_at is null)
      >= app.limit_of(company, 'max_studios') then
    raise exception using errcode = 'ST002', message = format(
      'The plan allows %s studios and all are in use; archive one or change the plan.', app.limit_of(company, 'max_studios'));
  end if;
end $$;

-- Row policies are checked after these triggers. For a company that is not the caller's they look nothing up, so that
-- their refusals tell nothing about it, and leave the refusal to the policy.
create function app.guard_new_studio() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if app.is_request() and not app.holds_role(new.company_id, 'member') then
    return new;
  end if;
  perform app.require_studio_place(new.company_id);
  if app.is_request() and new.access = 'restricted' and not app.holds_role(new.company_id, 'admin') then
    raise exception using errcode = 'ST001', message = 'Only an admin of the company can open a restricted studio.';
  end if;
  return new;
end $$;

create function app.guard_studio() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if app.is_request() and not app.holds_role(old.company_id, 'admin')
      and (new.access, new.archived_at) is distinct from (old.access, old.archived_at) then
    raise exception using errcode = 'ST001',
      message = 'Only an admin of the company can archive a studio or change who may enter it.';
  end if;
  if old.archived_at is not null and new.archived_at is null then
    perform app.require_studio_place(old.company_id);
  end if;
  return new;
end $$;

-- A new run is pending, or held when the month's runs are used up; the caller chooses neither.
create function app.accept_execution() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  used integer;
begin
  if app.is_request() then
    if not app.holds_role(new.company_id, 'member') then
      return new;
    end if;
    if (select c.status from public.companies c where c.id = new.company_id) <> 'active' then
      raise exception using errcode = 'ST003', message = 'The company is suspended; no workflow can be started.';
    end if;
    if (select s.archived_at from public.studios s where s.company_id = new.company_id and s.id = new.studio_id) is not null then
      raise exception using errcode = 'ST003', message = 'The studio is archived; no workflow can be started in it.';
    end if;
    if (new.activepieces_run_id, new.output_data, new.failure_kind, new.started_at, new.completed_at, new.error_message, new.minutes_saved)
        is distinct from (null, null, null, null, null, null, null) or new.retry_count <> 0 or new.insights <> '[]' then
      raise exception using errcode = 'ST001', message = 'Only the worker records what a run did.';
    end if;
  end if;
  if not exists (
    select 1 from public.workflow_templates t
    where t.id = new.template_id and (t.company_id is null or t.company_id = new.company_id)
  ) then
    raise exception using errcode = 'ST003', message = 'No such workflow is offered to this company.';
  end if;
  insert into public.company_usage as u (company_id, month, executions)
  values (new.company_id, to_char(now() at time zone 'utc', 'YYYY-MM'), 1)
  on conflict (company_id, month) do update set executions = u.executions + 1
  returning u.executions into used;
  new.status := case when used > app.limit_of(new.company_id, 'max_executions_per_month') then 'held' else 'pending' end;
  return new;
end $$;

create function app.guard_execution() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if new.status <> old.status and (old.status, new.status) not in (select m.before, m.after from app.execution_moves() m) then
    raise exception using errcode = 'ST003', message = format('This run is %s and cannot become %s.', old.status, new.status);
  end if;
  if app.is_request() and new.status not in (old.status, 'cancelled') then
    raise exception using errcode = 'ST001', message = 'Only the worker moves a run on.';
  end if;
  if app.is_request() and new.status = old.status and new.completed_at is distinct from old.completed_at then
    raise exception using errcode = 'ST001', message = 'Only the worker records what a run did.';
  end if;
  return new;
end $$;

create trigger companies_touch before update on companies for each row execute function app.touch();
create trigger user_profiles_touch before update on user_profiles for each row execute function app.touch();
create trigger user_companies_guard before update on user_companies for each row execute function app.guard_membership();
create trigger user_companies_touch before update on user_companies for each row execute function app.touch();
create trigger studios_guard_insert before insert on studios for each row execute function app.guard_new_studio();
create trigger studios_guard_update before update on studios for each row execute function app.guard_studio();
create trigger studios_touch before update on studios for each row execute function app.touch();
create trigger workflow_templates_touch before update on workflow_templates for each row execute function app.touch();
create trigger workflow_executions_accept before insert on workflow_executions for each row execute function app.accept_execution();
create trigger workflow_executions_guard before update on workflow_executions for each row execute function app.guard_execution();
create trigger workflow_executions_touch before update on workflow_executions for each row execute function app.touch();

revoke all on all functions in schema app from public;
