-- Numbers of versions are given once, in the order in which uploads begin, whatever order they end in.
ALTER TABLE "files" ADD COLUMN "last_version" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "file_removals" ADD COLUMN "watched_until" timestamp (3) with time zone DEFAULT now() NOT NULL;

-- A list by type is read along this index instead of going through all files of the company.
CREATE INDEX "files_company_id_mime_type_idx" ON "files" USING btree ("company_id","mime_type","upload_timestamp" DESC NULLS LAST,"id" DESC NULLS LAST);

-- That a number was given is no change of the file.
drop trigger files_touch on files;
create trigger files_touch before update on files for each row
  when (new.last_accessed is not distinct from old.last_accessed and new.last_version = old.last_version) execute function app.touch();

update files f set last_version = greatest(
  f.version,
  (select max(v.number) from file_versions v where v.company_id = f.company_id and v.file_id = f.id),
  (select max(u.version) from execution_files u where u.company_id = f.company_id and u.file_id = f.id),
  (select max(r.version) from file_reads r where r.company_id = f.company_id and r.file_id = f.id));

-- The row of the file is locked with it, so uploads that begin at once get one number after the other. Row policies are checked
-- after this trigger: whoever has no role in the company locks nothing there.
create function app.number_version() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  update public.files f set last_version = f.last_version + 1
  where f.company_id = new.company_id and f.id = new.file_id and (not app.is_request() or app.holds_role(f.company_id, 'member'))
  returning f.last_version into new.number;
  return new;
end $$;
create trigger file_versions_number before insert on file_versions for each row execute function app.number_version();

-- Whatever changes versions locks their file first, then them, then the company's storage; so nobody waits in a circle, and of
-- versions that come at once each sees those before it.
create function app.lock_file_of(upload uuid) returns void
  language sql security definer set search_path = '' as $$
  select from public.files f
  where (f.company_id, f.id) = (select v.company_id, v.file_id from public.file_versions v where v.id = upload)
  for no key update
$$;

-- As before, but a version that comes after one with a higher number is kept as an older one.
create or replace function app.finish_upload(upload uuid, size integer, type text, sum text) returns uuid
  language plpgsql security definer set search_path = '' as $$
declare
  done record;
begin
  perform app.lock_file_of(upload);
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
  where f.company_id = done.company_id and f.id = done.file_id and not exists (
    select from public.file_versions v
    where v.company_id = done.company_id and v.file_id = done.file_id and v.number > done.number and v.status = 'ready');
  return done.file_id;
end $$;

create or replace function app.abandon_upload(upload uuid) returns boolean
  language plpgsql security definer set search_path = '' as $$
declare
  gone record;
begin
  perform app.lock_file_of(upload);
  delete from public.file_versions v
  where v.id = upload and v.status = 'uploading'
    and (coalesce(current_setting('app.claims', true), '') = '' or v.uploaded_by = app.user_id())
  returning v.company_id, v.file_id into gone;
  delete from public.files f where f.company_id = gone.company_id and f.id = gone.file_id and f.status = 'uploading';
  return gone.file_id is not null;
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
      join public.files f on f.company_id = v.company_id and f.id = v.file_id
      where v.status = 'uploading' and v.expires_at <= now()
      order by v.expires_at limit most for update skip locked
    ) late order by late.company_id
  loop
    swept := swept + app.abandon_upload(upload)::integer;
  end loop;
  return swept;
end $$;

-- As before, but bytes are removed at once, and again as long as the upload's address opens and what was let in by it may be under
-- way: the storage asks no policy there, so whoever has the address may send them again.
create or replace function app.count_storage() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    perform app.take_storage(new.company_id, new.file_size);
  elsif tg_op = 'UPDATE' then
    perform app.take_storage(new.company_id, new.file_size - old.file_size);
  else
    perform app.take_storage(old.company_id, -old.file_size);
    insert into public.file_removals (company_id, supabase_path, watched_until)
    values (old.company_id, old.supabase_path,
      case when old.status = 'uploading' then greatest(old.expires_at, now()) else old.expires_at end + interval '2 hours')
    on conflict do nothing;
    perform pg_notify('studios_worker', '');
  end if;
  return null;
end $$;

revoke all on function app.number_version(), app.lock_file_of(uuid) from public;
