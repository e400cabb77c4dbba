insert into plans (name, max_users, max_studios, max_executions_per_month, max_concurrent_executions, max_storage_bytes, api_requests_per_minute)
values
  ('free', 5, 10, 1000, 2, 1073741824, 600),
  ('pro', 50, 100, 20000, 10, 107374182400, 3000),
  ('enterprise', 1000, 1000, 1000000, 50, 1099511627776, 12000)
on conflict (name) do nothing;
