drop trigger workflow_executions_wake_schedules on workflow_executions;
drop trigger workflow_schedules_guard_update on workflow_schedules;
drop trigger workflow_schedules_guard_insert on workflow_schedules;
drop function app.guard_schedule();
drop function app.guard_new_schedule();
