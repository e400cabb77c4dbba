-- An upload begins in one statement and ends in one, and what a download is decided on is asked in one.

-- Keeps a place for a new file for whoever asks, or gives nothing: unless the person may add files to the studio and the company
-- allows the type, null where the content alone will tell it. Whoever gets nothing looks what it was.
create function app.begin_upload(
  upload uuid, studio uuid, folder uuid, name text, size integer, type text, access text, labels text[], sum text, until timestamptz
) returns table (file public.files, number integer, settings jsonb)
  language plpgsql security definer set search_path = '' as $$
declare
  person constant uuid := app.user_id();
  company uuid;
  allowed jsonb;
begin
  select s.company_id, c.settings, c.settings #> '{filePolicy,allowedTypes}' into company, begin_upload.settings, allowed
  from public.studios s
  join public.companies c on c.id = s.company_id
  where s.id = studio and app.works_in(person, s.company_id, s.id, 'member');
  -- A list that holds anything but names allows what we know, as one that there is not.
  if not found or (type is not null and allowed is not null and not allowed ? type
    and not jsonb_path_exists(allowed, '$[*] ? (@.type() != "string")')) then
    return;
  end if;
  insert into public.files as f (id, company_id, studio_id, folder_id, uploaded_by, filename, file_size, mime_type, supabase_path,
    access_level, tags)
  values (gen_random_uuid(), company, studio, folder, person, name, size, coalesce(type, 'application/octet-stream'),
    company || '/' || upload, access, labels)
  returning f.* into begin_upload.file;
  insert into public.file_versions as v (id, company_id, file_id, uploaded_by, file_size, mime_type, supabase_path, checksum, expires_at)
  values (upload, company, (begin_upload.file).id, person, size, (begin_upload.file).mime_type, (begin_upload.file).supabase_path, sum,
    until)
  returning v.number into begin_upload.number;
  return next;
end $$;

-- Makes an upload ready, as `finish_upload` does, and gives the file as it is now, null for whoever may not read it any more, with
-- how full the company's storage is. Nothing when the upload was given up meanwhile.
create function app.complete_upload(upload uuid, size integer, type text, sum text)
  returns table (file public.files, used_bytes bigint, max_bytes bigint)
  language plpgsql security definer set search_path = '' as $$
declare
  done constant uuid := app.finish_upload(upload, size, type, sum);
begin
  return query
    select case when app.may_read_file(v.uploaded_by, f.id) then f end, coalesce(s.used_bytes, 0),
      app.limit_of(f.company_id, 'max_storage_bytes')
    from public.file_versions v
    join public.files f on f.company_id = v.company_id and f.id = v.file_id
    left join public.company_storage s on s.company_id = f.company_id
    where v.id = upload and done is not null;
end $$;

-- Where the bytes of a version are, the current one without a number, for whoever may read the file; it leaves a trace of that, at
-- most once a minute. Nothing when there are none to read; whoever gets nothing looks why.
create function app.open_content(file uuid, number integer) returns table (filename text, path text)
  language plpgsql security definer set search_path = '' as $$
begin
  select f.filename, v.supabase_path into open_content.filename, open_content.path
  from public.files f
  join public.file_versions v on v.company_id = f.company_id and v.file_id = f.id and v.status = 'ready'
    and v.number = coalesce(open_content.number, f.version)
  where f.id = file and f.status = 'ready' and app.may_read_file(app.user_id(), f.id);
  if not found then
    return;
  end if;
  update public.files f set last_accessed = now()
  where f.id = file and (f.last_accessed is null or f.last_accessed < now() - interval '1 minute');
  return next;
end $$;
drop function app.record_access(uuid);

revoke all on function app.begin_upload(uuid, uuid, uuid, text, integer, text, text, text[], text, timestamptz),
  app.complete_upload(uuid, integer, text, text), app.open_content(uuid, integer) from public;
grant execute on function app.begin_upload(uuid, uuid, uuid, text, integer, text, text, text[], text, timestamptz),
  app.open_content(uuid, integer) to authenticated;
grant execute on function app.complete_upload(uuid, integer, text, text) to studios_worker;
