drop function app.read_run_file(uuid, uuid, text);
drop trigger workflow_executions_guard_files on workflow_executions;
drop function app.guard_files_used();
revoke update (arguments) on execution_effects from studios_worker;
revoke insert on folders, file_removals from studios_worker;
