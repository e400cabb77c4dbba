-- Opening a shared link: whether it opens, its passwords, its uses, and the record of each. The API calls these functions as
-- nobody, with the hash of the token that was shown to it; they tell of that one link and nothing else.
ALTER TABLE "audit_logs" DROP CONSTRAINT "audit_logs_actor_check";--> statement-breakpoint
ALTER TABLE "audit_logs" ADD CONSTRAINT "audit_logs_actor_check" CHECK ("actor" in ('user', 'key', 'worker', 'operator', 'link'));--> statement-breakpoint
ALTER TABLE "file_shares" ADD COLUMN "has_password" boolean GENERATED ALWAYS AS (password_hash is not null) STORED NOT NULL;--> statement-breakpoint
grant select (has_password) on file_shares to authenticated;

-- A link opens as long as it is not revoked, expired or used up, and whoever made it still has the right that it passes on.
create function app.share_opens(share public.file_shares) returns boolean
  language sql stable security definer set search_path = '' as $$
  select share.revoked_at is null and share.expires_at > now() and (share.max_uses is null or share.uses < share.max_uses)
    and case
      when share.file_id is not null then app.may_read_file(share.created_by, share.file_id)
        and exists (select from public.files f where f.company_id = share.company_id and f.id = share.file_id and f.status = 'ready')
      else exists (
        select from public.folders d
        join public.studios s on s.company_id = d.company_id and s.id = d.studio_id and s.archived_at is null
        where d.company_id = share.company_id and d.id = share.folder_id and d.deleted_at is null
          and app.works_in(share.created_by, d.company_id, d.studio_id, 'member'))
    end
$$;

-- `request` is what the API knows of who opens the link: request id, address, client.
create function app.record_opening(share public.file_shares, what text, request jsonb) returns void
  language sql security definer set search_path = '' as $$
  insert into public.audit_logs (company_id, actor, action, resource_type, resource_id, changes, request_id, ip_address, user_agent)
  values (share.company_id, 'link', what, 'file_shares', share.id,
    jsonb_strip_nulls(jsonb_build_object('fileId', share.file_id, 'folderId', share.folder_id,
      'version', (select f.version from public.files f where f.company_id = share.company_id and f.id = share.file_id))),
    left(request ->> 'id', 64), left(request ->> 'ip', 45), left(request ->> 'agent', 500))
$$;

-- What a link shows; no row for one that does not open. With `request` this is an opening, and recorded.
create function app.look_at_share(token text, request jsonb) returns table (
  label text, filename text, file_size integer, mime_type text, checksum text, supabase_path text, expires_at timestamptz, needs_password boolean
)
  language plpgsql security definer set search_path = '' as $$
declare
  share public.file_shares;
begin
  select * into share from public.file_shares s where s.token_hash = token and app.share_opens(s);
  if share.id is null then
    return;
  end if;
  if request is not null then
    perform app.record_opening(share, 'open', request);
  end if;
  return query select share.label::text, f.filename::text, f.file_size, f.mime_type::text, f.checksum::text, f.supabase_path::text,
      share.expires_at::timestamptz, share.has_password
    from (values (true)) one
    left join public.files f on f.company_id = share.company_id and f.id = share.file_id;
end $$;

-- Lets one more password be tried, and counts it before it is compared: of tries at the same moment just ten go through. After
-- ten in a row that were not right the link rests for 15 minutes; then there is no hash, but the seconds to wait.
create function app.try_share(token text) returns table (password_hash text, wait_seconds integer)
  language plpgsql security definer set search_path = '' as $$
begin
  return query update public.file_shares s
    set failed_attempts = case when s.failed_attempts < 10 then s.failed_attempts + 1 else 1 end, failed_at = now()
    where s.token_hash = token and s.password_hash is not null
      and (s.failed_attempts < 10 or s.failed_at <= now() - interval '15 minutes')
    returning s.password_hash::text, null::integer;
  if not found then
    return query select null::text, greatest(1, ceil(extract(epoch from s.failed_at + interval '15 minutes' - now())))::integer
      from public.file_shares s where s.token_hash = token and s.password_hash is not null;
  end if;
end $$;

create function app.settle_share(token text, is_right boolean, request jsonb) returns void
  language plpgsql security definer set search_path = '' as $$
declare
  share public.file_shares;
begin
  if is_right then
    update public.file_shares s set failed_attempts = 0, failed_at = null where s.token_hash = token and s.failed_attempts > 0;
    return;
  end if;
  select * into share from public.file_shares s where s.token_hash = token;
  if share.id is not null then
    perform app.record_opening(share, 'wrong_password', request);
  end if;
end $$;

-- Counts one use, if there is one left. One guarded UPDATE: of uses at the same moment just as many go through as are allowed.
create function app.take_share(token text, request jsonb) returns boolean
  language plpgsql security definer set search_path = '' as $$
declare
  share public.file_shares;
begin
  update public.file_shares s set uses = s.uses + 1 where s.token_hash = token and app.share_opens(s) returning s.* into share;
  if share.id is null then
    return false;
  end if;
  perform app.record_opening(share, case when share.file_id is null then 'upload' else 'download' end, request);
  update public.files f set last_accessed = now()
  where f.company_id = share.company_id and f.id = share.file_id
    and (f.last_accessed is null or f.last_accessed < now() - interval '1 minute');
  return true;
end $$;

-- Where an upload through a link goes, and in whose name; for the worker's login, which alone may act in somebody's name.
create function app.enter_shared_folder(token text) returns table (company_id uuid, studio_id uuid, folder_id uuid, person uuid)
  language sql stable security definer set search_path = '' as $$
  select d.company_id, d.studio_id, d.id, s.created_by
  from public.file_shares s
  join public.folders d on d.company_id = s.company_id and d.id = s.folder_id
  where s.token_hash = token and app.share_opens(s)
$$;

-- Every link of a company that could still open, those to private files of others among them; how many there were. For its admins.
create function app.revoke_shares(company uuid) returns integer
  language plpgsql security definer set search_path = '' as $$
declare
  revoked integer;
begin
  if not app.holds_role(company, 'admin') then
    raise exception using errcode = 'ST001', message = 'Only an admin of the company can revoke all of its links.';
  end if;
  update public.file_shares s set revoked_at = now() where s.company_id = company and s.revoked_at is null and s.expires_at > now();
  get diagnostics revoked = row_count;
  return revoked;
end $$;

create function app.guard_share() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if old.revoked_at is not null and new.revoked_at is distinct from old.revoked_at then
    raise exception using errcode = 'ST003', message = 'This link is revoked already and stays so; make a new one.';
  end if;
  return new;
end $$;
create trigger file_shares_guard before update of revoked_at on file_shares for each row execute function app.guard_share();

-- Uses and passwords tried are recorded as openings, in the name of nobody; a change of the link itself is somebody's.
drop trigger file_shares_audit on file_shares;
create trigger file_shares_audit after insert or delete or update of label, token_hash, password_hash, expires_at, max_uses, created_by, revoked_at
  on file_shares for each row execute function app.write_audit('{token_hash,password_hash}');

revoke all on all functions in schema app from public;
grant execute on function app.revoke_shares(uuid) to authenticated;
grant execute on function app.look_at_share(text, jsonb), app.try_share(text), app.settle_share(text, boolean, jsonb),
  app.take_share(text, jsonb) to studios_api;
grant execute on function app.enter_shared_folder(text), app.take_share(text, jsonb) to studios_worker;
