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
drop function app.stored_encoding(uuid);
drop function app.stored_at(text);

drop function app.enter_shared_folder(text);
create function app.enter_shared_folder(token text) returns table (company_id uuid, studio_id uuid, folder_id uuid, person uuid)
  language sql stable security definer set search_path = '' as $$
  select d.company_id, d.studio_id, d.id, s.created_by
  from public.file_shares s
  join public.folders d on d.company_id = s.company_id and d.id = s.folder_id
  where s.token_hash = token and app.share_opens(s)
$$;
revoke all on function app.enter_shared_folder(text) from public;
grant execute on function app.enter_shared_folder(text) to studios_worker;

drop index file_versions_share_idx;
alter table file_versions drop column share_id;
