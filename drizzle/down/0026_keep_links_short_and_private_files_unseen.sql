drop trigger file_versions_audit on file_versions;
create trigger file_versions_audit after delete on file_versions
  for each row when (pg_trigger_depth() = 0 and old.status = 'ready') execute function app.write_audit('{}');
drop trigger files_audit on files;
create trigger files_audit after insert or delete or update of studio_id, folder_id, filename, access_level, tags, metadata, deleted_at,
  deleted_with, status, version on files for each row execute function app.write_audit('{metadata}');
drop function app.write_file_audit(), app.told_of_private_files();

alter policy studio_files_select on storage.objects using (bucket_id = 'studio-files' and app.may_read_object(name));
