drop table audit_logs, execution_events, execution_attempts, workflow_executions, workflow_template_versions, workflow_templates,
  studio_members, studios, user_companies, user_profiles, company_usage, company_limits, companies, plans;
