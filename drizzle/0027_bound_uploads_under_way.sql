-- Uploads under way take no more than they may: so many through one link, and no more bytes than were announced.

-- The link through which a version came, kept when the link is gone.
ALTER TABLE "file_versions" ADD COLUMN "share_id" uuid;
CREATE INDEX "file_versions_share_idx" ON "file_versions" USING btree ("share_id") WHERE "file_versions"."status" = 'uploading';

-- As before, but uploads under way count, too: five at once, and no more than the link has uses left. The link is locked until its
-- upload has begun, so that of visitors at the same moment just so many find a place; one that fails gives its place back.
drop function app.enter_shared_folder(text);
create function app.enter_shared_folder(token text) returns table (
  company_id uuid, studio_id uuid, folder_id uuid, person uuid, share_id uuid, has_place boolean
)
  language plpgsql security definer set search_path = '' as $$
begin
  perform from public.file_shares s where s.token_hash = token for no key update;
  return query
    select d.company_id, d.studio_id, d.id, s.created_by, s.id,
      (select count(*) from public.file_versions v where v.share_id = s.id and v.status = 'uploading') < least(5, s.max_uses - s.uses)
    from public.file_shares s
    join public.folders d on d.company_id = s.company_id and d.id = s.folder_id
    where s.token_hash = token and app.share_opens(s);
end $$;

create function app.stored_at(path text) returns jsonb
  language sql stable security definer set search_path = '' as $$
  select o.metadata from storage.objects o where o.bucket_id = 'studio-files' and o.name = path
$$;

-- How the bytes of an upload are encoded by what their sender said; the storage says the same to whoever reads them.
create function app.stored_encoding(upload uuid) returns text
  language sql stable security definer set search_path = '' as $$
  select app.stored_at(v.supabase_path) ->> 'contentEncoding' from public.file_versions v where v.id = upload
$$;

-- As before, and those of which more was stored than was announced. Bytes that have come again after their version is gone are not
-- left for a quarter of an hour: their removal is due now.
create or replace function app.sweep_uploads(most integer) returns integer
  language plpgsql security definer set search_path = '' as $$
declare
  upload uuid;
  swept integer := 0;
begin
  update public.file_removals r set not_before = now()
  from (
    select n.company_id, n.supabase_path from public.file_removals n
    where n.attempts = 0 and n.not_before > now() and n.watched_until > now() and app.stored_at(n.supabase_path) is not null
    for update skip locked
  ) again
  where r.company_id = again.company_id and r.supabase_path = again.supabase_path;
  for upload in
    select late.id from (
      select v.id, v.company_id from public.file_versions v
      join public.files f on f.company_id = v.company_id and f.id = v.file_id
      where v.status = 'uploading'
        and (v.expires_at <= now() or (app.stored_at(v.supabase_path) ->> 'size')::bigint > v.file_size)
      order by v.expires_at limit most for update skip locked
    ) late order by late.company_id
  loop
    swept := swept + app.abandon_upload(upload)::integer;
  end loop;
  return swept;
end $$;

revoke all on function app.enter_shared_folder(text), app.stored_at(text), app.stored_encoding(uuid) from public;
grant execute on function app.enter_shared_folder(text), app.stored_encoding(uuid) to studios_worker;
