drop trigger execution_events_wake_watchers on execution_events;
drop trigger workflow_executions_record_status on workflow_executions;
drop trigger execution_attempts_audit on execution_attempts;
drop trigger workflow_executions_audit on workflow_executions;
drop trigger workflow_template_versions_audit on workflow_template_versions;
drop trigger workflow_templates_audit on workflow_templates;
drop trigger studio_members_audit on studio_members;
drop trigger studios_audit on studios;
drop trigger user_companies_audit on user_companies;
drop trigger user_profiles_audit on user_profiles;
drop trigger company_limits_audit on company_limits;
drop trigger companies_audit on companies;
drop trigger plans_audit on plans;
drop function app.wake_watchers(), app.record_status(), app.status_message(text, text), app.write_audit(), app.request_detail(text),
  app.keep_partitions_ahead(), app.create_month_partitions(text, integer);

-- The rows of a month's partition go with it, as the parent table itself goes in the step before.
do $$
declare
  partition record;
begin
  for partition in
    select i.inhrelid::regclass as name from pg_catalog.pg_inherits i
    where i.inhparent in ('public.execution_events'::regclass, 'public.audit_logs'::regclass)
  loop
    execute format('drop table %s', partition.name);
  end loop;
end $$;
