drop function app.record_access(uuid);
drop function app.sweep_uploads(integer);
drop trigger file_versions_guard_added on file_versions;
drop function app.guard_added_version();

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
    values (old.company_id, old.supabase_path, case when old.status = 'uploading' then greatest(old.expires_at, now()) else now() end)
    on conflict do nothing;
    perform pg_notify('studios_worker', '');
  end if;
  return null;
end $$;
