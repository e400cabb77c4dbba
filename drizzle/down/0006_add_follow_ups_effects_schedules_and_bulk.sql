drop index workflow_executions_held_idx;
alter table workflow_executions
  drop column priority, drop column held_for, drop column counted_month, drop column integration_id, drop column failed_step,
  drop column failure_group_id, drop column retry_from, drop column waiting_for, drop column answer;
alter table execution_events drop column transaction_id;
alter table execution_attempts
  drop column origin, drop column integration_id, drop column not_before, drop column engine_finished_before;
drop table bulk_items, bulk_operations, execution_callbacks, execution_effects, execution_follows, insights, integration_flows, schedule_occurrences, workflow_schedules, failure_groups, integrations;
create index workflow_executions_open_idx on workflow_executions using btree (status, created_at)
  where status in ('pending', 'running', 'paused');
update company_usage u set executions = (
  select sum(s.executions) from company_usage s where s.company_id = u.company_id and s.month = u.month
) where u.slot = (select min(s.slot) from company_usage s where s.company_id = u.company_id and s.month = u.month);
delete from company_usage u using company_usage s where s.company_id = u.company_id and s.month = u.month and s.slot < u.slot;
alter table company_usage drop column slot, add constraint company_usage_pkey primary key (company_id, month);
