drop function app.begin_upload(uuid, uuid, uuid, text, integer, text, text, text[], text, timestamptz);
drop function app.complete_upload(uuid, integer, text, text);
drop function app.open_content(uuid, integer);

create function app.record_access(file uuid) returns void
  language sql security definer set search_path = '' as $$
  update public.files f set last_accessed = now()
  where f.id = file and (f.last_accessed is null or f.last_accessed < now() - interval '1 minute')
    and app.may_read_file(app.user_id(), f.id)
$$;
revoke all on function app.record_access(uuid) from public;
grant execute on function app.record_access(uuid) to authenticated;
