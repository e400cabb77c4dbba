-- What becomes of uploads: where a version may be added, when one that was not finished is given up, and that a file was read.

-- An address for an upload is good for as long as the upload is, and what was let in by it may still be under way for a while.
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

-- After the row policies: a caller who may not see the file is told nothing of its studio.
create function app.guard_added_version() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  studio constant uuid := (select f.studio_id from public.files f where f.company_id = new.company_id and f.id = new.file_id);
begin
  if app.is_request() and studio = any (app.hidden_studio_ids()) then
    raise exception using errcode = 'ST001', message = 'Only who may enter the file''s studio can add a version to it.';
  end if;
  perform app.require_open_studio(new.company_id, studio);
  return null;
end $$;
create trigger file_versions_guard_added after insert on file_versions for each row execute function app.guard_added_version();

-- Gives up uploads whose time has run out, some at a time; workers that do so at once take different ones. Company by company,
-- so that two of them never wait for each other's quota.
create function app.sweep_uploads(most integer) returns integer
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

-- Whoever may read a file leaves a trace of it, at most once a minute.
create function app.record_access(file uuid) returns void
  language sql security definer set search_path = '' as $$
  update public.files f set last_accessed = now()
  where f.id = file and (f.last_accessed is null or f.last_accessed < now() - interval '1 minute')
    and app.may_read_file(app.user_id(), f.id)
$$;

revoke all on function app.guard_added_version(), app.sweep_uploads(integer), app.record_access(uuid) from public;
grant execute on function app.sweep_uploads(integer) to studios_worker;
grant execute on function app.record_access(uuid) to authenticated;
