drop trigger workflow_executions_touch on workflow_executions;
drop trigger workflow_executions_guard on workflow_executions;
drop trigger workflow_executions_accept on workflow_executions;
drop trigger workflow_templates_touch on workflow_templates;
drop trigger studios_touch on studios;
drop trigger studios_guard_update on studios;
drop trigger studios_guard_insert on studios;
drop trigger user_companies_touch on user_companies;
drop trigger user_companies_guard on user_companies;
drop trigger user_profiles_touch on user_profiles;
drop trigger companies_touch on companies;
drop function app.guard_execution(), app.accept_execution(), app.guard_studio(), app.guard_new_studio(), app.require_studio_place(uuid),
  app.guard_membership(), app.execution_moves(), app.membership_moves(), app.limit_of(uuid, text), app.touch(), app.holds_role(uuid, text), app.is_request();
