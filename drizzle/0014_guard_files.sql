-- Rules for files: who may be granted what, where bytes may be put, the quota of a company's storage, and what becomes of bytes
-- whose row is gone.
do $$
declare
  relation text;
begin
  foreach relation in array array['folders', 'files', 'file_versions', 'file_shares', 'file_removals', 'execution_files', 'file_reads', 'company_storage'] loop
    execute format('alter table %I force row level security', relation);
    execute format('revoke all on table %I from public, anon, authenticated, service_role', relation);
  end loop;
end $$;

grant select on folders, files, file_versions, file_reads, company_storage to authenticated;
grant select (company_id, execution_id, file_id, usage_type, property, version, created_at) on execution_files to authenticated;
grant select (id, company_id, file_id, folder_id, label, expires_at, max_uses, uses, created_by, created_at, revoked_at)
  on file_shares to authenticated;
grant insert (id, company_id, studio_id, parent_id, name, created_by) on folders to authenticated;
grant update (parent_id, name, deleted_at, deleted_with) on folders to authenticated;
grant insert (id, company_id, studio_id, folder_id, uploaded_by, filename, file_size, mime_type, supabase_path, access_level, tags, metadata)
  on files to authenticated;
grant update (studio_id, folder_id, filename, access_level, tags, metadata, deleted_at, deleted_with) on files to authenticated;
grant insert (id, company_id, file_id, number, uploaded_by, file_size, mime_type, supabase_path, checksum, expires_at)
  on file_versions to authenticated;
grant insert (id, company_id, file_id, folder_id, label, token_hash, password_hash, expires_at, max_uses, created_by)
  on file_shares to authenticated;
grant update (revoked_at) on file_shares to authenticated;

grant select on folders, files, file_versions, file_shares, file_removals, execution_files, file_reads, company_storage to studios_worker;
grant insert on files, file_versions, execution_files, file_reads to studios_worker;
grant update (version, token_hash) on execution_files to studios_worker;
grant update (not_before, attempts) on file_removals to studios_worker;
grant delete on file_removals to studios_worker;
grant usage on sequence file_reads_id_seq to studios_worker;

-- The person whom Supabase's Storage asks for, by the token that it has verified; looked up each time, as app.caller is.
create function app.storage_person() returns uuid
  language sql stable security definer set search_path = '' as $$
  select p.id
  from auth.sessions s
  join public.user_profiles p on p.id = s.user_id and p.status = 'active'
  where session_user in ('authenticator', 'supabase_storage_admin')
    and s.id = nullif(auth.jwt() ->> 'session_id', '')::uuid and s.user_id = auth.uid()
    and (s.not_after is null or s.not_after > clock_timestamp())
$$;

-- Whether a person may read a file: the rule of the policy files_select, for somebody who is not the caller of the statement.
create function app.may_read_file(person uuid, file uuid) returns boolean
  language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.files f
    where f.id = file and f.deleted_at is null and case f.access_level
      when 'company' then app.works_in(person, f.company_id, null, 'viewer')
      when 'studio' then app.works_in(person, f.company_id, f.studio_id, 'viewer')
      else f.uploaded_by = person and app.works_in(person, f.company_id, null, 'viewer')
    end
  )
$$;

create function app.may_read_object(path text) returns boolean
  language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.file_versions v
    where v.supabase_path = path and v.status = 'ready' and app.may_read_file(app.storage_person(), v.file_id)
  )
$$;

-- Bytes may be put where the same person has begun an upload that is not finished.
create function app.may_write_object(path text) returns boolean
  language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.file_versions v
    join public.files f on f.company_id = v.company_id and f.id = v.file_id
    where v.supabase_path = path and v.status = 'uploading' and v.expires_at > now() and f.deleted_at is null
      and v.uploaded_by = app.storage_person() and app.works_in(v.uploaded_by, v.company_id, f.studio_id, 'member')
  )
$$;

insert into storage.buckets (id, name, public, file_size_limit)
values ('studio-files', 'studio-files', false, 104857600)
on conflict (id) do update set public = false, file_size_limit = excluded.file_size_limit;
create policy studio_files_select on storage.objects for select to authenticated
  using (bucket_id = 'studio-files' and app.may_read_object(name));
create policy studio_files_insert on storage.objects for insert to authenticated
  with check (bucket_id = 'studio-files' and app.may_write_object(name));

create function app.size_for_people(bytes bigint) returns text
  language sql immutable set search_path = '' as $$
  select case
    when bytes < 1024 then bytes || ' bytes'
    when bytes < 1024 * 1024 then round(bytes / 1024.0, 1) || ' KB'
    when bytes < 1024 * 1024 * 1024 then round(bytes / 1048576.0, 1) || ' MB'
    else round(bytes / 1073741824.0, 1) || ' GB'
  end
$$;

-- Takes bytes from a company's storage, or gives them back. One guarded UPDATE: of uploads at the same moment just those go
-- through that fit. Crossing 80 % or 100 % of the plan's storage is recorded.
create function app.take_storage(company uuid, bytes bigint) returns void
  language plpgsql security definer set search_path = '' as $$
declare
  allowed constant bigint := app.limit_of(company, 'max_storage_bytes');
  used bigint;
begin
  if bytes <= 0 then
    update public.company_storage s set used_bytes = s.used_bytes + bytes where s.company_id = company;
    return;
  end if;
  insert into public.company_storage (company_id) values (company) on conflict do nothing;
  update public.company_storage s set used_bytes = s.used_bytes + bytes
  where s.company_id = company and s.used_bytes + bytes <= allowed
  returning s.used_bytes into used;
  if used is null then
    select s.used_bytes into used from public.company_storage s where s.company_id = company;
    raise exception using errcode = 'ST002', message = format(
      'The company''s storage has no room for this file of %s: %s of %s are in use; delete files for good or change the plan.',
      app.size_for_people(bytes), app.size_for_people(used), app.size_for_people(allowed));
  end if;
  if used >= allowed or (used >= allowed * 0.8 and used - bytes < allowed * 0.8) then
    insert into public.audit_logs (company_id, actor, user_id, action, resource_type, changes, request_id)
    values (company, case when app.user_id() is null then 'worker' else 'user' end, app.user_id(),
      case when used >= allowed then 'storage_full' else 'storage_nearly_full' end, 'company_storage',
      jsonb_build_object('usedBytes', used, 'maxBytes', allowed), left(app.request_detail('id'), 64));
  end if;
end $$;

create function app.count_storage() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    perform app.take_storage(new.company_id, new.file_size);
  elsif tg_op = 'UPDATE' then
    perform app.take_storage(new.company_id, new.file_size - old.file_size);
  else
    perform app.take_storage(old.company_id, -old.file_size);
    -- An upload that was let in may end after its row is gone; its bytes are looked for once that has become impossible.
    insert into public.file_removals (company_id, supabase_path, not_before)
    values (old.company_id, old.supabase_path, case when old.status = 'uploading' then greatest(old.expires_at, now()) else now() end)
    on conflict do nothing;
    perform pg_notify('studios_worker', '');
  end if;
  return null;
end $$;

create trigger file_versions_count_storage after insert or delete on file_versions
  for each row execute function app.count_storage();
create trigger file_versions_count_storage_again after update of file_size on file_versions
  for each row when (new.file_size <> old.file_size) execute function app.count_storage();

-- What a request may say of an upload. Row policies are checked after this trigger, so it looks nothing up.
create function app.guard_new_version() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if app.is_request() and new.expires_at > now() + interval '1 day' then
    raise exception using errcode = 'ST003', message = 'An upload is given at most one day.';
  end if;
  return new;
end $$;
create trigger file_versions_guard_new before insert on file_versions for each row execute function app.guard_new_version();

create function app.require_open_studio(company uuid, studio uuid) returns void
  language plpgsql stable security definer set search_path = '' as $$
begin
  if exists (select from public.studios s where s.company_id = company and s.id = studio and s.archived_at is not null) then
    raise exception using errcode = 'ST003', message = 'This studio is archived; its files can be read but none is added to it.';
  end if;
end $$;

create function app.guard_new_file() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  perform app.require_open_studio(new.company_id, new.studio_id);
  return null;
end $$;
create trigger files_guard_new after insert on files for each row execute function app.guard_new_file();
create trigger folders_guard_new after insert on folders for each row execute function app.guard_new_file();

-- Only its owner makes a file private, and only its owner or an admin changes who may read it.
create function app.guard_file() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  person constant uuid := app.user_id();
begin
  if app.is_request() and new.access_level <> old.access_level and old.uploaded_by is distinct from person then
    if new.access_level = 'private' then
      raise exception using errcode = 'ST001', message = 'Only the owner of a file can make it private.';
    end if;
    if not app.holds_role(old.company_id, 'admin') then
      raise exception using errcode = 'ST001', message = 'Only the owner of a file or an admin of the company can change who may read it.';
    end if;
  end if;
  if new.studio_id <> old.studio_id then
    if app.is_request() and new.studio_id = any (app.hidden_studio_ids()) then
      raise exception using errcode = 'ST001', message = 'You may not enter the studio that this file would be moved to.';
    end if;
    perform app.require_open_studio(new.company_id, new.studio_id);
  end if;
  return new;
end $$;
create trigger files_guard before update of access_level, studio_id on files for each row execute function app.guard_file();

-- An upload is ready: its bytes are there, and these are their size, type and checksum. Called under the worker's login; where
-- claims are given, for the person who began it. Null when the upload was given up meanwhile.
create function app.finish_upload(upload uuid, size integer, type text, sum text) returns uuid
  language plpgsql security definer set search_path = '' as $$
declare
  done record;
begin
  update public.file_versions v set status = 'ready', file_size = size, mime_type = type, checksum = sum
  from public.files f
  where v.id = upload and v.status = 'uploading' and f.company_id = v.company_id and f.id = v.file_id and f.deleted_at is null
    and (coalesce(current_setting('app.claims', true), '') = ''
      or (v.uploaded_by = app.user_id() and app.works_in(v.uploaded_by, v.company_id, f.studio_id, 'member')))
  returning v.* into done;
  if done.id is null then
    return null;
  end if;
  update public.files f
  set status = 'ready', version = done.number, file_size = size, mime_type = type, checksum = sum, supabase_path = done.supabase_path,
    upload_timestamp = case when f.status = 'uploading' then now() else f.upload_timestamp end
  where f.company_id = done.company_id and f.id = done.file_id;
  return done.file_id;
end $$;

-- Gives up an upload that is not finished: the quota gets its bytes back, what was stored is removed. True when there was one.
create function app.abandon_upload(upload uuid) returns boolean
  language plpgsql security definer set search_path = '' as $$
declare
  gone record;
begin
  delete from public.file_versions v
  where v.id = upload and v.status = 'uploading'
    and (coalesce(current_setting('app.claims', true), '') = '' or v.uploaded_by = app.user_id())
  returning v.company_id, v.file_id into gone;
  delete from public.files f where f.company_id = gone.company_id and f.id = gone.file_id and f.status = 'uploading';
  return gone.file_id is not null;
end $$;

create trigger files_touch before update on files for each row
  when (new.last_accessed is not distinct from old.last_accessed) execute function app.touch();
create trigger folders_touch before update on folders for each row execute function app.touch();

create trigger folders_audit after insert or update or delete on folders for each row execute function app.write_audit('{}');
-- Reading a file is no change of it.
create trigger files_audit after insert or delete or update of studio_id, folder_id, filename, access_level, tags, metadata, deleted_at,
  deleted_with, status, version on files for each row execute function app.write_audit('{metadata}');
create trigger file_shares_audit after insert or update or delete on file_shares for each row
  execute function app.write_audit('{token_hash,password_hash}');

revoke all on all functions in schema app from public;
grant execute on function app.may_read_object(text), app.may_write_object(text) to authenticated;
grant execute on function app.finish_upload(uuid, integer, text, text), app.abandon_upload(uuid), app.may_read_file(uuid, uuid)
  to studios_worker;
