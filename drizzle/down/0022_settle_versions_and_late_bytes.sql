create or replace function app.count_storage() returns trigger
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
    values (old.company_id, old.supabase_path,
      case when old.status = 'uploading' then greatest(old.expires_at, now()) + interval '2 hours' else now() end)
    on conflict do nothing;
    perform pg_notify('studios_worker', '');
  end if;
  return null;
end $$;

create or replace function app.sweep_uploads(most integer) returns integer
  language plpgsql security definer set search_path = '' as $$
declare
  upload uuid;
  swept integer := 0;
begin
  for upload in
    select late.id from (
      select v.id, v.company_id from public.file_versions v
      where v.status = 'uploading' and v.expires_at <= now()
      order by v.expires_at limit most for update skip locked
    ) late order by late.company_id
  loop
    swept := swept + app.abandon_upload(upload)::integer;
  end loop;
  return swept;
end $$;

create or replace function app.abandon_upload(upload uuid) returns boolean
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

create or replace function app.finish_upload(upload uuid, size integer, type text, sum text) returns uuid
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

drop trigger files_touch on files;
create trigger files_touch before update on files for each row
  when (new.last_accessed is not distinct from old.last_accessed) execute function app.touch();

drop trigger file_versions_number on file_versions;
drop function app.number_version();
drop function app.lock_file_of(uuid);
ALTER TABLE "files" DROP COLUMN "last_version";
ALTER TABLE "file_removals" DROP COLUMN "watched_until";
DROP INDEX "files_company_id_mime_type_idx";
