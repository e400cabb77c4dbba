-- The schema of functions that policies rest on, the login roles, and the proof of who is asking.
create schema if not exists extensions;
create extension if not exists pg_trgm with schema extensions;
create schema app;
revoke all on schema app from public;

do $$
begin
  if not (select rolbypassrls or rolsuper from pg_catalog.pg_roles where rolname = current_user) then
    raise exception 'The role % that owns the schema needs BYPASSRLS: membership functions read behind forced row security.', current_user;
  end if;
end $$;

-- Roles belong to the whole cluster: another database may have made them already, even at this very moment.
do $$
begin
  create role studios_api login noinherit;
exception when duplicate_object or unique_violation then null;
end $$;
do $$
begin
  create role studios_worker login noinherit;
exception when duplicate_object or unique_violation then null;
end $$;
do $$
begin
  if not pg_catalog.pg_has_role('studios_api', 'authenticated', 'member') then
    grant anon, authenticated to studios_api;
  end if;
end $$;
-- Everybody has this right already. Its own entry keeps PostgreSQL from dropping the role while this database uses it.
grant usage on schema public to studios_api;

create sequence app.execution_event_ids;

-- HMAC-SHA256 key (RFC 2104), kept as its two padded halves so that a check costs two hashes.
create table app.scope_keys (
  only_row boolean primary key default true check (only_row),
  inner_key bytea not null check (octet_length(inner_key) = 64),
  outer_key bytea not null check (octet_length(outer_key) = 64)
);
alter table app.scope_keys enable row level security;
alter table app.scope_keys force row level security;
revoke all on app.scope_keys from public;

-- The person a statement runs for, or null. `app.claims` is user|session|expiry|signature: what a session sets by hand
-- carries no valid signature, so it proves nothing. The session and the person are looked up each time: logging out
-- and switching a person off take effect at once.
create function app.user_id() returns uuid
  language plpgsql stable security definer set search_path = '' as $$
declare
  part text[];
  key record;
begin
  if session_user = 'authenticator' then
    return auth.uid();
  end if;
  part := string_to_array(current_setting('app.claims', true), '|');
  if array_length(part, 1) is distinct from 4 then
    return null;
  end if;
  select k.inner_key, k.outer_key into key from app.scope_keys k;
  if key is null or part[4] is distinct from encode(sha256(key.outer_key || sha256(key.inner_key ||
      convert_to(part[1] || '|' || part[2] || '|' || part[3], 'UTF8'))), 'hex') then
    return null;
  end if;
  if part[3]::bigint < extract(epoch from clock_timestamp()) then
    return null;
  end if;
  return (
    select s.user_id from auth.sessions s join public.user_profiles p on p.id = s.user_id
    where s.id = part[2]::uuid and s.user_id = part[1]::uuid and p.status = 'active'
      and (s.not_after is null or s.not_after > clock_timestamp())
  );
end $$;

-- The companies in which the caller holds at least this role.
create function app.company_ids(minimum_role text) returns setof uuid
  language plpgsql stable security definer set search_path = '' as $$
begin
  return query
    select m.company_id from public.user_companies m
    where m.user_id = app.user_id() and m.status = 'approved'
      and (minimum_role = 'viewer' or m.role = 'admin' or (minimum_role = 'member' and m.role = 'member'));
end $$;

-- Restricted studios of the caller's companies that the caller may not enter.
create function app.hidden_studio_ids() returns setof uuid
  language plpgsql stable security definer set search_path = '' as $$
begin
  return query
    select s.id
    from public.user_companies m
    join public.studios s on s.company_id = m.company_id and s.access = 'restricted'
    where m.user_id = app.user_id() and m.status = 'approved' and m.role <> 'admin'
      and not exists (
        select 1 from public.studio_members x
        where x.company_id = s.company_id and x.studio_id = s.id and x.user_id = m.user_id
      );
end $$;

-- People whose names the caller may see: approved members of the same companies and, for admins, everybody who asked to join.
create function app.colleague_ids() returns setof uuid
  language plpgsql stable security definer set search_path = '' as $$
begin
  return query
    select other.user_id
    from public.user_companies mine
    join public.user_companies other on other.company_id = mine.company_id
    where mine.user_id = app.user_id() and mine.status = 'approved'
      and (mine.role = 'admin' or other.status = 'approved');
end $$;

-- The company behind the short name of an invitation; nothing else about it is told.
create function app.company_id_by_slug(wanted text) returns uuid
  language plpgsql stable security definer set search_path = '' as $$
begin
  if app.user_id() is null then
    return null;
  end if;
  return (select c.id from public.companies c where c.slug = wanted and c.deleted_at is null);
end $$;

create function app.slug_is_taken(wanted text) returns boolean
  language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (select 1 from public.companies c where c.slug = wanted);
end $$;

create function app.joined(words text[]) returns text
  language sql immutable parallel safe return pg_catalog.array_to_string(words, ' ');

revoke all on all functions in schema app from public;
grant usage on schema app to authenticated, studios_worker;
grant usage on schema extensions to authenticated, studios_worker;
grant execute on function app.user_id(), app.company_ids(text), app.hidden_studio_ids(), app.colleague_ids(),
  app.company_id_by_slug(text), app.slug_is_taken(text), app.joined(text[]) to authenticated;
grant execute on function app.user_id(), app.joined(text[]) to studios_worker;
grant usage on sequence app.execution_event_ids to studios_worker;
