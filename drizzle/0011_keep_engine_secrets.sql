ALTER TABLE "integration_flows" ALTER COLUMN "flow_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "integration_flows" ADD COLUMN "leased_until" timestamp (3) with time zone;
-- What is secret of a company's own engine stands in the vault. The functions below are the only way to it: the worker's login
-- may run them, and where a person asks, the signed claims of the transaction say who it is, not the login
-- (docs/decisions/0009).
create function app.require_admin(company uuid) returns void
  language plpgsql stable security definer set search_path = '' as $$
begin
  if app.holds_role(company, 'admin') is not true then
    raise exception using errcode = 'ST001', message = 'Only an admin of the company can do this.';
  end if;
end $$;

create function app.vault_secret(secret_id uuid) returns jsonb
  language sql stable security definer set search_path = '' as $$
  select s.decrypted_secret::jsonb from vault.decrypted_secrets s where s.id = secret_id
$$;

-- Creates or replaces a company's own engine. What is at the same place under the same account is changed: its published
-- flows, and with them the secret that starts them, go on. Anything else takes its place for the runs to come.
create function app.put_integration(company uuid, wanted_kind text, wanted jsonb, account jsonb) returns uuid
  language plpgsql security definer set search_path = '' as $$
declare
  known record;
  known_secret jsonb;
  made uuid;
begin
  perform app.require_admin(company);
  select i.id, i.settings, i.secret_id into known from public.integrations i
  where i.company_id = company and i.kind = wanted_kind and i.removed_at is null for update;
  known_secret := app.vault_secret(known.secret_id);
  if (known.settings ->> 'url', known.settings ->> 'projectId', known_secret ->> 'email')
      is not distinct from (wanted ->> 'url', wanted ->> 'projectId', account ->> 'email') and known_secret is not null then
    perform vault.update_secret(known.secret_id, (account || jsonb_build_object('webhookSecret', known_secret -> 'webhookSecret'))::text);
    update public.integrations i
    set settings = wanted, status = 'unchecked', status_message = null, checked_at = null
    where i.id = known.id;
    return known.id;
  end if;
  update public.integrations i set removed_at = now() where i.id = known.id;
  insert into public.integrations (company_id, kind, settings, secret_id, created_by)
  values (company, wanted_kind, wanted, vault.create_secret(account::text), app.user_id())
  returning id into made;
  return made;
end $$;

-- Gives the id of the integration that was removed, or null where there was none.
create function app.remove_integration(company uuid, unwanted_kind text) returns uuid
  language plpgsql security definer set search_path = '' as $$
declare
  removed uuid;
begin
  perform app.require_admin(company);
  update public.integrations i set removed_at = now()
  where i.company_id = company and i.kind = unwanted_kind and i.removed_at is null
  returning i.id into removed;
  return removed;
end $$;

-- The account at a company's own engine, for the worker; for an admin of the company where claims are given. Null when there
-- is none any more.
create function app.integration_secret(integration uuid) returns jsonb
  language plpgsql stable security definer set search_path = '' as $$
declare
  found_one record;
begin
  select i.company_id, i.secret_id into found_one from public.integrations i where i.id = integration;
  if coalesce(current_setting('app.claims', true), '') <> '' then
    perform app.require_admin(found_one.company_id);
  end if;
  return app.vault_secret(found_one.secret_id);
end $$;

-- Forgets the accounts of removed engines that carry out no run any more. Called by the worker; gives their number.
create function app.forget_engine_secrets() returns integer
  language plpgsql security definer set search_path = '' as $$
declare
  forgotten integer;
begin
  delete from vault.secrets s using public.integrations i
  where s.id = i.secret_id and i.removed_at is not null and not exists (
    select from public.workflow_executions e
    where e.company_id = i.company_id and e.status in ('held', 'pending', 'running', 'paused')
      and (e.integration_id = i.id or exists (
        select from public.execution_attempts a
        where a.company_id = e.company_id and a.execution_id = e.id and a.integration_id = i.id))
  );
  get diagnostics forgotten = row_count;
  return forgotten;
end $$;

create function app.drop_engine_secret() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  delete from vault.secrets s where s.id = old.secret_id;
  return null;
end $$;

create trigger integrations_drop_secret after delete on integrations for each row execute function app.drop_engine_secret();

-- What a person does through the worker's login, proven by signed claims, is recorded as that person's.
create or replace function app.write_audit() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  before jsonb := case when tg_op = 'INSERT' then '{}'::jsonb else to_jsonb(old) end;
  after jsonb := case when tg_op = 'DELETE' then '{}'::jsonb else to_jsonb(new) end;
  whole jsonb := before || after;
  is_worker constant boolean := session_user = 'studios_worker' and coalesce(current_setting('app.claims', true), '') = '';
  person uuid := case when is_worker then nullif(current_setting('app.in_name_of', true), '')::uuid else app.user_id() end;
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
    case when is_worker then 'worker' when person is not null then 'user' when session_user = 'studios_worker' then 'worker'
      else 'operator' end,
    person, lower(tg_op), tg_table_name, coalesce(whole ->> 'id', whole ->> 'user_id', whole ->> 'execution_id')::uuid, difference,
    left(app.request_detail('id'), 64), left(app.request_detail('ip'), 45), left(app.request_detail('agent'), 500));
  return null;
end $$;

revoke all on all functions in schema app from public;
grant execute on function app.put_integration(uuid, text, jsonb, jsonb), app.remove_integration(uuid, text),
  app.integration_secret(uuid), app.forget_engine_secrets() to studios_worker;
