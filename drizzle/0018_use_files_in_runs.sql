-- Files in runs: who may give one to a run, how a flow reads it, and what the worker needs to save one that a run made.
grant insert on folders, file_removals to studios_worker;
grant update (arguments) on execution_effects to studios_worker;

-- A run is given only files that the person who starts it may read at that moment. For a request that person is the caller,
-- whatever the row says, so that a refusal tells nothing about what others may read.
create function app.guard_files_used() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  person constant uuid := case when app.is_request() then app.user_id() else new.user_id end;
begin
  if app.is_request() and not app.holds_role(new.company_id, 'member') then
    return new;
  end if;
  if exists (
    select from jsonb_array_elements(new.files_used) u
    where u ->> 'usage_type' is distinct from 'input' or not exists (
      select from public.files f
      where f.id = (u ->> 'file_id')::uuid and f.company_id = new.company_id and f.status = 'ready' and app.may_read_file(person, f.id)
    )
  ) then
    raise exception using errcode = 'ST003', message = 'A run is given only files that the person who starts it may read.';
  end if;
  return new;
end $$;
create trigger workflow_executions_guard_files before insert on workflow_executions
  for each row when (new.files_used <> '[]') execute function app.guard_files_used();

-- What a flow reads by its link: the version that the run was given, as long as the run goes on and whoever started it may read
-- the file. One call is one read, written down with it. No row for a link that is none; not open without bytes once it is closed.
create function app.read_run_file(execution uuid, file uuid, link_hash text)
  returns table (is_open boolean, filename text, path text, size integer, type text, checksum text)
  language plpgsql security definer set search_path = '' as $$
declare
  given record;
begin
  select e.company_id, u.version, e.status in ('running', 'paused') and app.may_read_file(e.user_id, file) as is_open into given
  from public.workflow_executions e
  join public.execution_files u on u.company_id = e.company_id and u.execution_id = e.id and u.file_id = file and u.usage_type = 'input'
  where e.id = execution and u.token_hash = link_hash;
  if not found then
    return;
  end if;
  if given.is_open then
    return query
      select true, f.filename::text, v.supabase_path::text, v.file_size, v.mime_type::text, v.checksum::text
      from public.file_versions v
      join public.files f on f.company_id = v.company_id and f.id = v.file_id
      where v.company_id = given.company_id and v.file_id = file and v.number = given.version and v.status = 'ready';
    if found then
      insert into public.file_reads (company_id, execution_id, file_id, version)
      values (given.company_id, execution, file, given.version);
      update public.files f set last_accessed = now()
      where f.company_id = given.company_id and f.id = file
        and (f.last_accessed is null or f.last_accessed < now() - interval '1 minute');
      return;
    end if;
  end if;
  return query select false, null::text, null::text, null::integer, null::text, null::text;
end $$;

revoke all on function app.guard_files_used(), app.read_run_file(uuid, uuid, text) from public;
grant execute on function app.read_run_file(uuid, uuid, text) to studios_api;
