-- The schema of functions that policies rest on, the login roles, and the proof of who is asking.
create schema if not exists extensions;
create extension if not exists pg_trgm with schema extensions;
create extension if not exists fuzzystrmatch with schema extensions;
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

-- The functions below read the view app.caller, which is made as soon as the tables under it are there. Each is one query:
-- a policy calls them once a statement, and most of that time is the start of a query.

-- The person a statement runs for, or null.
create function app.user_id() returns uuid
  language plpgsql stable security definer set search_path = '' as $$
begin
  return (select c.user_id from app.caller c);
end $$;

-- The companies in which the caller holds at least this role.
create function app.company_ids(minimum_role text) returns uuid[]
  language plpgsql stable security definer set search_path = '' as $$
begin
  return array(
    select m.company_id
    from app.caller c
    join public.user_companies m on m.user_id = c.user_id and m.status = 'approved'
    where minimum_role = 'viewer' or m.role = 'admin' or (minimum_role = 'member' and m.role = 'member')
  );
end $$;

-- Restricted studios of the caller's companies that the caller may not enter.
create function app.hidden_studio_ids() returns uuid[]
  language plpgsql stable security definer set search_path = '' as $$
begin
  return array(
    select s.id
    from app.caller c
    join public.user_companies m on m.user_id = c.user_id and m.status = 'approved' and m.role <> 'admin'
    join public.studios s on s.company_id = m.company_id and s.access = 'restricted'
    where not exists (
      select 1 from public.studio_members x
      where x.company_id = s.company_id and x.studio_id = s.id and x.user_id = m.user_id
    )
  );
end $$;

-- The same for one studio: cheaper where only few rows ask.
create function app.is_hidden_studio(studio uuid) returns boolean
  language plpgsql stable security definer set search_path = '' as $$
begin
  return studio = any (app.hidden_studio_ids());
end $$;

-- People whose names the caller may see: approved members of the same companies and, for admins, everybody who asked to join.
create function app.colleague_ids() returns uuid[]
  language plpgsql stable security definer set search_path = '' as $$
begin
  return array(
    select other.user_id
    from app.caller c
    join public.user_companies mine on mine.user_id = c.user_id and mine.status = 'approved'
    join public.user_companies other on other.company_id = mine.company_id
    where mine.role = 'admin' or other.status = 'approved'
  );
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
grant execute on function app.user_id(), app.company_ids(text), app.hidden_studio_ids(), app.is_hidden_studio(uuid), app.colleague_ids(),
  app.company_id_by_slug(text), app.slug_is_taken(text), app.joined(text[]) to authenticated;
grant execute on function app.user_id(), app.joined(text[]) to studios_worker;
grant usage on sequence app.execution_event_ids to studios_worker;
