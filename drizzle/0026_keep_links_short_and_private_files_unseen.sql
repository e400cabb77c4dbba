-- Whoever may read a file reads its bytes and what the storage knows of them, with their own token. Links are made by the service
-- alone: one that a reader made would live as long as they like, longer than their right to read. What the storage does not name
-- among these opens nothing; older ones leave out the word in front.
alter policy studio_files_select on storage.objects using (
  bucket_id = 'studio-files'
  and regexp_replace(current_setting('storage.operation', true), '^storage\.', '') = any ('{
    object.get_authenticated, object.get_authenticated_info, object.head_authenticated_info, object.info_authenticated,
    object.list, object.list_v2, object.copy, render.image_authenticated,
    s3.object.get, s3.object.info, s3.object.list, s3.object.copy, s3.upload.part_copy}')
  and app.may_read_object(name));

-- Admins read the audit, and of other people's private files no more than name, size, owner, dates and state (DATA-MODEL, "Who may do
-- what"). So no more than that is kept of what is done with a file while it is private, nor of its opening and closing to others.
create function app.told_of_private_files() returns text[]
  language sql immutable set search_path = ''
return '{id,company_id,studio_id,file_id,uploaded_by,filename,file_size,status,access_level,version,last_version,number,
  upload_timestamp,last_accessed,created_at,updated_at,expires_at,deleted_at}'::text[];

create function app.write_file_audit() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  before constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  after constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  whole constant jsonb := coalesce(after, before);
  is_private constant boolean := case
    when tg_table_name = 'files' then 'private' in (coalesce(before ->> 'access_level', ''), coalesce(after ->> 'access_level', ''))
    else exists (
      select from public.files f
      where f.company_id = old.company_id and f.id = (whole ->> 'file_id')::uuid and f.access_level = 'private') end;
begin
  perform app.record_change(tg_op, tg_table_name, before, after,
    case when is_private then array(select f.name from jsonb_object_keys(whole) as f (name) where f.name <> all (app.told_of_private_files()))
      else tg_argv[0]::text[] end);
  return null;
end $$;
revoke all on function app.told_of_private_files(), app.write_file_audit() from public;

drop trigger files_audit on files;
create trigger files_audit after insert or delete or update of studio_id, folder_id, filename, access_level, tags, metadata, deleted_at,
  deleted_with, status, version on files for each row execute function app.write_file_audit('{metadata}');
drop trigger file_versions_audit on file_versions;
create trigger file_versions_audit after delete on file_versions
  for each row when (pg_trigger_depth() = 0 and old.status = 'ready') execute function app.write_file_audit('{}');

-- The same of what was kept of files that are private now, or were when they were made or deleted.
update audit_logs a set changes = (
  select jsonb_object_agg(c.name, case when c.name = any (app.told_of_private_files()) then c.value else '"(not kept here)"' end)
  from jsonb_each(a.changes) as c (name, value))
where a.resource_type in ('files', 'file_versions') and a.changes <> '{}' and (
  exists (select from files f where f.id = coalesce((a.changes ->> 'file_id')::uuid, a.resource_id) and f.access_level = 'private')
  or exists (
    select from audit_logs o
    where o.company_id = a.company_id and o.resource_type = 'files' and o.changes ->> 'access_level' = 'private'
      and o.resource_id = coalesce((a.changes ->> 'file_id')::uuid, a.resource_id)));
