-- Roles belong to the cluster, and several databases of one cluster may be prepared at once. The lock on the shared
-- catalog makes them queue; the handlers cover whoever creates roles without taking it.
do $$
declare
  wanted constant text[][] := array[
    ['anon', 'nologin noinherit'],
    ['authenticated', 'nologin noinherit'],
    ['service_role', 'nologin noinherit bypassrls'],
    ['authenticator', 'login noinherit'],
    ['supabase_auth_admin', 'login noinherit'],
    ['supabase_storage_admin', 'login noinherit']
  ];
  role_index int;
  member text;
  login text;
begin
  lock table pg_catalog.pg_authid in share row exclusive mode;

  for role_index in 1 .. array_length(wanted, 1) loop
    continue when exists (select from pg_catalog.pg_roles where rolname = wanted[role_index][1]);
    begin
      execute format('create role %I %s', wanted[role_index][1], wanted[role_index][2]);
    exception
      when duplicate_object or unique_violation then null;
    end;
  end loop;

  foreach login in array array['authenticator', 'supabase_storage_admin'] loop
    foreach member in array array['anon', 'authenticated', 'service_role'] loop
      continue when pg_catalog.pg_has_role(login, member, 'member');
      begin
        execute format('grant %I to %I', member, login);
      exception
        when duplicate_object or unique_violation then null;
      end;
    end loop;
  end loop;

  if not exists (
    select from pg_catalog.pg_db_role_setting s join pg_catalog.pg_roles r on r.oid = s.setrole where r.rolname = 'anon'
  ) then
    alter role anon set statement_timeout = '3s';
    alter role authenticated set statement_timeout = '8s';
  end if;
end
$$;
