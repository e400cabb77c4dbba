-- What the table generator does not write: keys into Supabase's tables, forced row security, and who is granted what.
alter table user_profiles
  add constraint user_profiles_user_fkey foreign key (id) references auth.users (id) on delete cascade;
alter table companies
  add constraint companies_created_by_fkey foreign key (created_by) references user_profiles (id);

do $$
declare
  relation record;
begin
  for relation in
    select c.oid::regclass as name from pg_catalog.pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  loop
    execute format('alter table %s enable row level security', relation.name);
    execute format('alter table %s force row level security', relation.name);
    execute format('revoke all on table %s from public, anon, authenticated, service_role', relation.name);
  end loop;
end $$;

grant usage on schema public to authenticated, studios_worker;

grant select on plans, companies, company_limits, company_usage, user_profiles, user_companies, studios, studio_members,
  workflow_templates, workflow_template_versions, workflow_executions, execution_events, audit_logs to authenticated;
grant select (company_id, execution_id, studio_id, number, engine_run_id, status, error, started_at, ended_at)
  on execution_attempts to authenticated;

grant insert on companies, user_companies, studios, studio_members, workflow_executions to authenticated;
grant update (name, industry_type, contact_email, contact_phone, headquarters_address, branches) on companies to authenticated;
grant update (full_name) on user_profiles to authenticated;
grant update (role, status, joined_at, approved_by) on user_companies to authenticated;
grant update (name, description, business_area, access, archived_at) on studios to authenticated;
grant update (status, cancel_requested_at, completed_at) on workflow_executions to authenticated;
grant delete on studios, studio_members to authenticated;

grant select on plans, companies, company_limits, company_usage, user_profiles, user_companies, studios, studio_members,
  workflow_templates, workflow_template_versions, workflow_executions, execution_attempts, execution_events to studios_worker;
grant insert, update on workflow_templates, workflow_template_versions, execution_attempts to studios_worker;
grant update (status, failure_kind, output_data, insights, files_used, activepieces_run_id, error_message, retry_count,
  minutes_saved, deadline_at, started_at, completed_at) on workflow_executions to studios_worker;
grant insert on execution_events to studios_worker;

-- Who is asking: one row, or none. `app.claims` is user|session|expiry|signature: what a session sets by hand carries no
-- valid signature, so it proves nothing. Through Supabase's own gateway the verified token stands in its place. Session and
-- person are looked up each time: logging out and switching a person off take effect at once.
create view app.caller as
select s.user_id
from (select string_to_array(current_setting('app.claims', true), '|') as part offset 0) given
cross join app.scope_keys k
cross join lateral (
  select case
    when session_user = 'authenticator' then array[auth.jwt() ->> 'sub', auth.jwt() ->> 'session_id']
    when given.part[4] = encode(sha256(k.outer_key || sha256(k.inner_key ||
        convert_to(given.part[1] || '|' || given.part[2] || '|' || given.part[3], 'UTF8'))), 'hex')
      and array_length(given.part, 1) = 4
      and given.part[3]::bigint >= extract(epoch from clock_timestamp())
      then given.part
  end as part offset 0
) proven
join auth.sessions s on s.id = proven.part[2]::uuid and s.user_id = proven.part[1]::uuid
  and (s.not_after is null or s.not_after > clock_timestamp())
join public.user_profiles p on p.id = s.user_id and p.status = 'active';
revoke all on app.caller from public, anon, authenticated, service_role;

-- A profile for every account, whoever made it and however.
create function app.add_profile() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  given text := btrim(left(coalesce(new.raw_user_meta_data ->> 'full_name', split_part(coalesce(new.email, ''), '@', 1)), 100));
begin
  insert into public.user_profiles (id, full_name)
  values (new.id, case when char_length(given) >= 2 then given else 'New user' end)
  on conflict (id) do nothing;
  return null;
end $$;

create function app.note_sign_in() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  update public.user_profiles set last_login_at = new.last_sign_in_at where id = new.id;
  return null;
end $$;

create trigger studios_add_profile after insert on auth.users for each row execute function app.add_profile();
create trigger studios_note_sign_in after update of last_sign_in_at on auth.users for each row
  when (new.last_sign_in_at is distinct from old.last_sign_in_at) execute function app.note_sign_in();

insert into user_profiles (id, full_name)
select u.id, 'New user' from auth.users u
on conflict (id) do nothing;

-- The person who registers a company is its first admin.
create function app.add_founder() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  insert into public.user_companies (company_id, user_id, role, status, joined_at, approved_by)
  values (new.id, new.created_by, 'admin', 'approved', now(), new.created_by);
  return null;
end $$;

create trigger companies_add_founder after insert on companies for each row execute function app.add_founder();

revoke all on function app.add_profile(), app.note_sign_in(), app.add_founder() from public;
