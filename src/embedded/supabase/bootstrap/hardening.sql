revoke create on schema public from public;

do $$
declare
  -- Every request shares one login role, and PostgreSQL shows a role the statements of all its sessions and lets it end
  -- them. Large objects and prepared statements would be another way from one caller's request to the next one's.
  closed constant text[] := array[
    'pg_stat_get_activity', 'pg_stat_get_backend_activity', 'pg_prepared_statement', 'pg_prepared_xact', 'pg_cursor',
    'pg_cancel_backend', 'pg_terminate_backend', 'pg_logical_emit_message',
    'lo_creat', 'lo_create', 'lo_from_bytea', 'lo_open', 'lo_close', 'lo_get', 'lo_put', 'lo_unlink', 'lo_import',
    'lo_export', 'lo_lseek', 'lo_lseek64', 'lo_tell', 'lo_tell64', 'lo_truncate', 'lo_truncate64', 'loread', 'lowrite',
    'pg_read_file', 'pg_read_binary_file', 'pg_stat_file', 'pg_ls_dir', 'pg_ls_logdir', 'pg_ls_waldir', 'pg_ls_tmpdir',
    'pg_ls_archive_statusdir', 'pg_ls_logicalsnapdir', 'pg_ls_logicalmapdir', 'pg_ls_replslotdir', 'pg_current_logfile',
    'pg_show_all_file_settings', 'pg_hba_file_rules', 'pg_ident_file_mappings', 'pg_reload_conf', 'pg_rotate_logfile'
  ];
  closed_function regprocedure;
begin
  for closed_function in
    select p.oid from pg_catalog.pg_proc p
    where p.pronamespace = 'pg_catalog'::regnamespace and p.proname = any (closed)
  loop
    execute format('revoke execute on function %s from public', closed_function);
  end loop;

  execute format('revoke temporary on database %I from public', current_database());
end
$$;

grant execute on function pg_catalog.pg_stat_get_activity(integer) to pg_read_all_stats;
revoke select on pg_catalog.pg_stat_activity, pg_catalog.pg_prepared_statements, pg_catalog.pg_db_role_setting from public;
grant select on pg_catalog.pg_stat_activity to pg_read_all_stats;
