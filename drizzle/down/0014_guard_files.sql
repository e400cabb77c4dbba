-- The bucket stays: its objects may still be there, and only Storage may remove them.
drop policy studio_files_insert on storage.objects;
drop policy studio_files_select on storage.objects;

drop trigger file_shares_audit on file_shares;
drop trigger files_audit on files;
drop trigger folders_audit on folders;
drop trigger folders_touch on folders;
drop trigger files_touch on files;
drop trigger files_guard on files;
drop trigger folders_guard_new on folders;
drop trigger files_guard_new on files;
drop trigger file_versions_guard_new on file_versions;
drop trigger file_versions_count_storage_again on file_versions;
drop trigger file_versions_count_storage on file_versions;

drop function app.abandon_upload(uuid);
drop function app.finish_upload(uuid, integer, text, text);
drop function app.guard_file();
drop function app.guard_new_file();
drop function app.require_open_studio(uuid, uuid);
drop function app.guard_new_version();
drop function app.count_storage();
drop function app.take_storage(uuid, bigint);
drop function app.size_for_people(bigint);
drop function app.may_write_object(text);
drop function app.may_read_object(text);
drop function app.may_read_file(uuid, uuid);
drop function app.storage_person();

revoke all on folders, files, file_versions, file_shares, file_removals, execution_files, file_reads, company_storage
  from authenticated, studios_worker;
revoke all on sequence file_reads_id_seq from studios_worker;
alter table folders no force row level security;
alter table files no force row level security;
alter table file_versions no force row level security;
alter table file_shares no force row level security;
alter table file_removals no force row level security;
alter table execution_files no force row level security;
alter table file_reads no force row level security;
alter table company_storage no force row level security;
