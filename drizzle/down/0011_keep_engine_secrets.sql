create or replace function app.write_audit() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  before jsonb := case when tg_op = 'INSERT' then '{}'::jsonb else to_jsonb(old) end;
  after jsonb := case when tg_op = 'DELETE' then '{}'::jsonb else to_jsonb(new) end;
  whole jsonb := before || after;
  person uuid := case when session_user = 'studios_worker' then nullif(current_setting('app.in_name_of', true), '')::uuid
    else app.user_id() end;
  difference jsonb;
begin
  -- A statement may take its own claims away while it runs; it would otherwise pass for the operator's.
  if person is null and app.is_request() then
    raise exception using errcode = '42501', message = 'A change needs a caller to be recorded under.';
  end if;
  select coalesce(jsonb_object_agg(field.name,
      case when field.name = any (tg_argv[0]::text[]) then '"(not kept here)"'::jsonb
        else jsonb_build_object('before', before -> field.name, 'after', after -> field.name) end), '{}'::jsonb)
    into difference
    from jsonb_object_keys(whole) as field (name)
    where field.name <> 'updated_at' and (before -> field.name) is distinct from (after -> field.name);
  if tg_op = 'UPDATE' and difference = '{}'::jsonb then
    return null;
  end if;
  insert into public.audit_logs (company_id, actor, user_id, action, resource_type, resource_id, changes, request_id, ip_address, user_agent)
  values (
    coalesce(whole ->> 'company_id', case when tg_table_name = 'companies' then whole ->> 'id' end)::uuid,
    case when session_user = 'studios_worker' then 'worker' when person is not null then 'user' else 'operator' end,
    person, lower(tg_op), tg_table_name, coalesce(whole ->> 'id', whole ->> 'user_id', whole ->> 'execution_id')::uuid, difference,
    left(app.request_detail('id'), 64), left(app.request_detail('ip'), 45), left(app.request_detail('agent'), 500));
  return null;
end $$;

drop trigger integrations_drop_secret on integrations;
drop function app.drop_engine_secret(), app.forget_engine_secrets(), app.integration_secret(uuid), app.remove_integration(uuid, text),
  app.put_integration(uuid, text, jsonb, jsonb), app.vault_secret(uuid), app.require_admin(uuid);
delete from integration_flows where flow_id is null;
alter table integration_flows drop column leased_until, alter column flow_id set not null;
revoke all on all functions in schema app from public;
