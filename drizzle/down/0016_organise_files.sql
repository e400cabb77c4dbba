drop trigger file_versions_audit on file_versions;
drop trigger files_guard_place on files;
drop trigger files_guard_new_place on files;
drop trigger folders_carry_along on folders;
drop trigger folders_guard on folders;
drop trigger folders_guard_new_place on folders;

drop function app.set_file_policy(uuid, jsonb);
drop function app.purge_trash(integer);
drop function app.trash_days(jsonb);
drop function app.empty_trash(uuid, uuid, integer);
drop function app.remove_empty_folders(uuid, uuid, timestamptz);
drop function app.delete_version(uuid, integer);
drop function app.restore_version(uuid, integer);
drop function app.delete_file(uuid);
drop function app.may_delete(files);
drop function app.private_files_of_others(uuid, uuid, integer);
drop function app.found_file_ids(uuid, text, text[], integer);
drop function app.guard_file_place();
drop function app.guard_new_file_place();
drop function app.is_trashed_folder(uuid, uuid, uuid);
drop function app.carry_along();
drop function app.guard_folder();
drop function app.guard_new_folder_place();
drop function app.require_folder_place(folders);
drop function app.lock_folders(uuid, uuid);

grant update (deleted_with) on folders, files to authenticated;

alter table companies drop constraint companies_file_policy_check;
alter table files drop constraint files_metadata_check;
drop index folders_trash_idx;
drop index files_private_idx;
