CREATE INDEX "files_private_idx" ON "files" USING btree ("company_id","id") WHERE "files"."access_level" = 'private';--> statement-breakpoint
CREATE INDEX "folders_trash_idx" ON "folders" USING btree ("company_id","deleted_at") WHERE "folders"."deleted_at" is not null;--> statement-breakpoint
ALTER TABLE "files" ADD CONSTRAINT "files_metadata_check" CHECK (jsonb_typeof("files"."metadata") = 'object' and octet_length("files"."metadata"::text) <= 16384);--> statement-breakpoint
ALTER TABLE "companies" ADD CONSTRAINT "companies_file_policy_check" CHECK (octet_length("companies"."settings"::text) <= 65536 and jsonb_path_exists("companies"."settings", '$ ? ((!exists(@.filePolicy.trashDays) || (@.filePolicy.trashDays.type() == "number" && @.filePolicy.trashDays >= 1 && @.filePolicy.trashDays <= 365 && @.filePolicy.trashDays.floor() == @.filePolicy.trashDays)) && (!exists(@.filePolicy.allowedTypes) || @.filePolicy.allowedTypes.type() == "array"))'));

-- Folders stay a forest of at most 20 levels, what is in the trash stays together, and what is deleted for good goes through
-- the functions below alone.

-- What the trash took along with a folder is written by triggers only.
revoke update (deleted_with) on folders, files from authenticated;

-- Whoever changes the tree of a studio waits here for the other, so that two moves cannot close a circle.
create function app.lock_folders(company uuid, studio uuid) returns void
  language plpgsql security definer set search_path = '' as $$
begin
  perform 1 from public.studios s where s.company_id = company and s.id = studio for no key update;
end $$;

-- Whether a folder may be where it is put: below a folder that is there, not below itself, and no deeper than 20 levels with
-- all that it holds, the trash included.
create function app.require_folder_place(folder public.folders) returns void
  language plpgsql security definer set search_path = '' as $$
declare
  above record;
  height integer;
begin
  with recursive chain as (
    select d.id, d.parent_id, d.deleted_at, 1 as step from public.folders d
    where d.company_id = folder.company_id and d.studio_id = folder.studio_id and d.id = folder.parent_id
    union all
    select d.id, d.parent_id, d.deleted_at, c.step + 1 from chain c
    join public.folders d on d.company_id = folder.company_id and d.studio_id = folder.studio_id and d.id = c.parent_id
    where c.id <> folder.id and c.step < 40
  )
  select max(c.step) as depth, bool_or(c.deleted_at is not null) as is_trashed, bool_or(c.id = folder.id) as is_circle
    into above from chain c;
  if above.is_circle then
    raise exception using errcode = 'ST003', message = 'A folder cannot be moved into itself or into a folder that it holds.';
  end if;
  if above.is_trashed then
    raise exception using errcode = 'ST003', message = 'The folder above is in the trash; restore it first or choose another one.';
  end if;
  with recursive below as (
    select folder.id as id, 1 as level
    union all
    select d.id, b.level + 1 from below b
    join public.folders d on d.company_id = folder.company_id and d.studio_id = folder.studio_id and d.parent_id = b.id
    where b.level < 40
  )
  select max(b.level) into height from below b;
  if coalesce(above.depth, 0) + height > 20 then
    raise exception using errcode = 'ST003', message = 'Folders can be nested at most 20 levels deep; choose a place further up.';
  end if;
end $$;

create function app.guard_new_folder_place() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  perform app.lock_folders(new.company_id, new.studio_id);
  perform app.require_folder_place(new);
  return null;
end $$;

create function app.guard_folder() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  was_trashed constant boolean := old.deleted_at is not null;
  is_trashed constant boolean := new.deleted_at is not null;
begin
  if was_trashed and is_trashed then
    if (new.parent_id, new.name) is distinct from (old.parent_id, old.name) then
      raise exception using errcode = 'ST003', message = 'This folder is in the trash; restore it first.';
    end if;
    new.deleted_at := case when app.is_request() then old.deleted_at else new.deleted_at end;
    return new;
  end if;
  if not was_trashed and not is_trashed and new.parent_id is not distinct from old.parent_id then
    return new;
  end if;
  perform app.lock_folders(new.company_id, new.studio_id);
  if is_trashed then
    new.deleted_at := case when app.is_request() then now() else new.deleted_at end;
    new.parent_id := old.parent_id;
    return new;
  end if;
  if was_trashed then
    new.deleted_with := null;
    new.parent_id := (
      select d.id from public.folders d
      where d.company_id = old.company_id and d.studio_id = old.studio_id and d.id = old.parent_id and d.deleted_at is null);
  end if;
  perform app.require_folder_place(new);
  return new;
end $$;

-- A folder takes into the trash what is in it, other people's private files included, and brings just that back. What came
-- into the trash with a folder further up comes back with the folder that is restored, as far as it lies in it.
create function app.carry_along() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  taken_with constant uuid := case when new.deleted_at is null then coalesce(old.deleted_with, old.id) end;
  carried uuid[];
begin
  with recursive below as (
    select new.id as id
    union all
    select d.id from below b
    join public.folders d on d.company_id = new.company_id and d.studio_id = new.studio_id and d.parent_id = b.id
    where case when taken_with is null then d.deleted_at is null else d.deleted_with = taken_with end
  )
  select array_agg(b.id) into carried from below b;
  if taken_with is null and (
    select count(*) from (
      select from public.files f
      where f.company_id = new.company_id and f.studio_id = new.studio_id and f.folder_id = any (carried) and f.deleted_at is null
      limit 20001
    ) held
  ) > 20000 then
    raise exception using errcode = 'ST003',
      message = 'This folder holds more than 20,000 files; put the folders in it into the trash one by one first.';
  end if;
  update public.folders d set deleted_at = new.deleted_at, deleted_with = case when taken_with is null then new.id end
  where d.company_id = new.company_id and d.studio_id = new.studio_id and d.id = any (carried) and d.id <> new.id;
  update public.files f set deleted_at = new.deleted_at, deleted_with = case when taken_with is null then new.id end
  where f.company_id = new.company_id and f.studio_id = new.studio_id and f.folder_id = any (carried)
    and case when taken_with is null then f.deleted_at is null else f.deleted_with = taken_with end;
  return null;
end $$;

-- What a folder carries along is not looked at again.
create trigger folders_guard_new_place after insert on folders for each row execute function app.guard_new_folder_place();
create trigger folders_guard before update of parent_id, name, deleted_at on folders
  for each row when (pg_trigger_depth() = 0) execute function app.guard_folder();
create trigger folders_carry_along after update of deleted_at on folders
  for each row when (pg_trigger_depth() = 0 and (old.deleted_at is null) <> (new.deleted_at is null)) execute function app.carry_along();

-- Whether a folder is in the trash; it stays as it is until the transaction ends.
create function app.is_trashed_folder(company uuid, studio uuid, folder uuid) returns boolean
  language plpgsql security definer set search_path = '' as $$
declare
  trashed boolean;
begin
  select d.deleted_at is not null into trashed from public.folders d
  where d.company_id = company and d.studio_id = studio and d.id = folder for share;
  return coalesce(trashed, false);
end $$;

create function app.guard_new_file_place() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if app.is_trashed_folder(new.company_id, new.studio_id, new.folder_id) then
    raise exception using errcode = 'ST003', message = 'This folder is in the trash; restore it first or choose another one.';
  end if;
  return null;
end $$;

create function app.guard_file_place() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  was_trashed constant boolean := old.deleted_at is not null;
  is_trashed constant boolean := new.deleted_at is not null;
  is_moved constant boolean := (new.studio_id, new.folder_id) is distinct from (old.studio_id, old.folder_id);
begin
  if is_moved and (was_trashed or is_trashed) then
    raise exception using errcode = 'ST003', message = 'This file is in the trash; restore it first.';
  end if;
  if is_trashed then
    new.deleted_at := case when not app.is_request() then new.deleted_at when was_trashed then old.deleted_at else now() end;
    return new;
  end if;
  if was_trashed then
    new.deleted_with := null;
    if app.is_trashed_folder(new.company_id, new.studio_id, new.folder_id) then
      new.folder_id := null;
    end if;
  elsif is_moved and app.is_trashed_folder(new.company_id, new.studio_id, new.folder_id) then
    raise exception using errcode = 'ST003', message = 'This folder is in the trash; restore it first or choose another one.';
  end if;
  return new;
end $$;

create trigger files_guard_new_place after insert on files
  for each row when (new.folder_id is not null) execute function app.guard_new_file_place();
create trigger files_guard_place before update of studio_id, folder_id, deleted_at on files
  for each row when (pg_trigger_depth() = 0) execute function app.guard_file_place();

-- At most so many of the files with such a name and all of these tags, in no order; the rule is that of the policy files_select.
-- Where a row policy stands, operators that are not leakproof, ~~ and @> among them, get no index.
create function app.found_file_ids(company uuid, pattern text, wanted_tags text[], most integer) returns setof uuid
  language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan' as $$
declare
  person constant uuid := app.user_id();
  hidden constant uuid[] := app.hidden_studio_ids();
begin
  if app.holds_role(company, 'viewer') is not true then
    return;
  end if;
  return query select f.id from public.files f
    where f.company_id = company
      and (pattern is null or lower(f.filename) like lower(pattern)) and (wanted_tags is null or f.tags @> wanted_tags)
      and case f.access_level when 'company' then true when 'studio' then f.studio_id <> all (hidden) else f.uploaded_by = person end
    limit most;
end $$;

-- What an admin sees of other people's private files.
create function app.private_files_of_others(company uuid, after_id uuid, most integer)
  returns table (id uuid, filename varchar, file_size integer, uploaded_by uuid, studio_id uuid)
  language plpgsql stable security definer set search_path = '' as $$
declare
  person constant uuid := app.user_id();
begin
  perform app.require_admin(company);
  return query select f.id, f.filename, f.file_size, f.uploaded_by, f.studio_id from public.files f
    where f.company_id = company and f.access_level = 'private' and f.status = 'ready' and f.uploaded_by <> person
      and (after_id is null or f.id > after_id)
    order by f.id limit most;
end $$;

-- Whether the caller may delete something of a file for good: its owner, and an admin what is not somebody else's private file.
create function app.may_delete(file public.files) returns boolean
  language sql stable security definer set search_path = '' as $$
  select (file.uploaded_by = app.user_id() and app.holds_role(file.company_id, 'member'))
    or (file.access_level <> 'private' and app.holds_role(file.company_id, 'admin'))
$$;

-- The functions from here to empty_trash are called under the worker's login; the signed claims say who asks.
create function app.delete_file(file uuid) returns boolean
  language plpgsql security definer set search_path = '' as $$
begin
  delete from public.files f where f.id = file and f.deleted_at is not null and app.may_delete(f);
  return found;
end $$;

-- Makes the content of an older version the file's content again.
create function app.restore_version(file uuid, wanted integer) returns boolean
  language plpgsql security definer set search_path = '' as $$
begin
  perform 1 from public.files f where f.id = file for update;
  update public.files f
  set version = v.number, file_size = v.file_size, mime_type = v.mime_type, checksum = v.checksum, supabase_path = v.supabase_path
  from public.file_versions v
  where f.id = file and f.status = 'ready' and f.deleted_at is null and f.version <> wanted
    and v.company_id = f.company_id and v.file_id = f.id and v.number = wanted and v.status = 'ready'
    and (f.access_level <> 'private' or f.uploaded_by = app.user_id())
    and app.works_in(app.user_id(), f.company_id, case when f.access_level <> 'private' then f.studio_id end, 'member');
  return found;
end $$;

create function app.delete_version(file uuid, unwanted integer) returns boolean
  language plpgsql security definer set search_path = '' as $$
begin
  perform 1 from public.files f where f.id = file for update;
  delete from public.file_versions v using public.files f
  where f.id = file and f.version <> unwanted and app.may_delete(f)
    and v.company_id = f.company_id and v.file_id = f.id and v.number = unwanted and v.status = 'ready';
  return found;
end $$;

-- Folders that have been in the trash since before then and hold nothing any more.
create function app.remove_empty_folders(company uuid, studio uuid, trashed_before timestamptz) returns void
  language plpgsql security definer set search_path = '' as $$
begin
  loop
    delete from public.folders d
    where d.company_id = company and (studio is null or d.studio_id = studio) and d.deleted_at <= trashed_before
      and not exists (
        select from public.folders c where c.company_id = d.company_id and c.studio_id = d.studio_id and c.parent_id = d.id)
      and not exists (
        select from public.files f where f.company_id = d.company_id and f.studio_id = d.studio_id and f.folder_id = d.id);
    exit when not found;
  end loop;
end $$;

-- Deletes for good at most so many of the files in the trash that an admin may delete, then folders that are left empty.
create function app.empty_trash(company uuid, studio uuid, most integer) returns integer
  language plpgsql security definer set search_path = '' as $$
declare
  person constant uuid := app.user_id();
  deleted integer;
begin
  perform app.require_admin(company);
  with gone as (
    select f.id from public.files f
    where f.company_id = company and (studio is null or f.studio_id = studio) and f.deleted_at is not null
      and (f.access_level <> 'private' or f.uploaded_by = person)
    order by f.deleted_at limit most for update skip locked
  )
  delete from public.files f using gone where f.company_id = company and f.id = gone.id;
  get diagnostics deleted = row_count;
  if deleted < most then
    perform app.remove_empty_folders(company, studio, now());
  end if;
  return deleted;
end $$;

create function app.trash_days(settings jsonb) returns interval
  language sql immutable set search_path = '' as $$
  select make_interval(days => coalesce((settings #>> '{filePolicy,trashDays}')::numeric, 30)::integer)
$$;

-- Deletes for good what has been in the trash for longer than its company keeps it, at most so many files; gives their number.
-- Called by the worker; one at a time, so that two do not wait for each other's companies.
create function app.purge_trash(most integer) returns integer
  language plpgsql security definer set search_path = '' as $$
declare
  deleted integer;
  keeper record;
begin
  if not pg_try_advisory_xact_lock(hashtext('app.purge_trash')) then
    return 0;
  end if;
  with due as (
    select f.company_id, f.id from public.companies c
    cross join lateral (
      select t.company_id, t.id from public.files t
      where t.company_id = c.id and t.deleted_at <= now() - app.trash_days(c.settings)
      order by t.deleted_at limit most for update skip locked
    ) f limit most
  )
  delete from public.files f using due where f.company_id = due.company_id and f.id = due.id;
  get diagnostics deleted = row_count;
  if deleted < most then
    for keeper in
      select c.id, now() - app.trash_days(c.settings) as trashed_before from public.companies c
      where exists (
        select from public.folders d where d.company_id = c.id and d.deleted_at <= now() - app.trash_days(c.settings))
    loop
      perform app.remove_empty_folders(keeper.id, null, keeper.trashed_before);
    end loop;
  end if;
  return deleted;
end $$;

-- Changes what is given of the rules for a company's files; null takes a rule away. A grant on the whole of `settings` would
-- let through what else is kept there.
create function app.set_file_policy(company uuid, change jsonb) returns jsonb
  language plpgsql security definer set search_path = '' as $$
declare
  changed jsonb;
begin
  perform app.require_admin(company);
  update public.companies c
  set settings = c.settings || jsonb_build_object('filePolicy',
    jsonb_strip_nulls(coalesce(c.settings -> 'filePolicy', '{}'::jsonb) || change))
  where c.id = company
  returning c.settings -> 'filePolicy' into changed;
  return changed;
end $$;

-- A version that goes with its file is covered by the file's own record, one that was not ready by that of the upload.
create trigger file_versions_audit after delete on file_versions
  for each row when (pg_trigger_depth() = 0 and old.status = 'ready') execute function app.write_audit('{}');

revoke all on all functions in schema app from public;
grant execute on function app.found_file_ids(uuid, text, text[], integer), app.private_files_of_others(uuid, uuid, integer),
  app.set_file_policy(uuid, jsonb) to authenticated;
grant execute on function app.delete_file(uuid), app.restore_version(uuid, integer), app.delete_version(uuid, integer),
  app.empty_trash(uuid, uuid, integer), app.purge_trash(integer) to studios_worker;
