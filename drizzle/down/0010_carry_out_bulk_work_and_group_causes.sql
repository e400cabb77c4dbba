drop trigger failure_groups_guard on failure_groups;
drop trigger bulk_items_guard on bulk_items;
drop trigger bulk_operations_skip on bulk_operations;
drop trigger bulk_operations_guard on bulk_operations;
drop function app.guard_failure_group(), app.guard_bulk_items(), app.skip_waiting_items(), app.guard_bulk_operation();

create or replace function app.failure_pattern(message text) returns text
  language sql immutable set search_path = '' as $$
  select left(btrim(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(lower(coalesce(message, '')),
    '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', '#', 'g'),
    '[^[:space:]@]+@[^[:space:]@]+', '#', 'g'),
    '"[^"]*"|“[^”]*”|''[^'']*''', '"…"', 'g'),
    '[0-9]+([.,:/-][0-9]+)*', '#', 'g'),
    '[[:space:]]+', ' ', 'g')), 500)
$$;

create or replace function app.group_failure(run public.workflow_executions) returns uuid
  language sql security definer set search_path = '' as $$
  insert into public.failure_groups as g (company_id, studio_id, template_id, fingerprint, step, failure_kind, message, failures)
  values (run.company_id, run.studio_id, run.template_id,
    encode(sha256(convert_to(concat_ws('|', run.failed_step, run.failure_kind, app.failure_pattern(run.error_message)), 'UTF8')), 'hex'),
    run.failed_step, run.failure_kind, left(coalesce(run.error_message, 'No reason was given.'), 2000), 1)
  on conflict (company_id, studio_id, template_id, fingerprint) do update
  set failures = g.failures + 1, last_at = now(), message = excluded.message,
    state = case when g.state = 'resolved' then 'open' else g.state end
  returning id
$$;

drop index bulk_items_waiting_idx;
revoke all on all functions in schema app from public;
