drop trigger file_shares_audit on file_shares;
create trigger file_shares_audit after insert or update or delete on file_shares for each row
  execute function app.write_audit('{token_hash,password_hash}');
drop trigger file_shares_guard on file_shares;
drop function app.guard_share();
drop function app.revoke_shares(uuid);
drop function app.enter_shared_folder(text);
drop function app.take_share(text, jsonb);
drop function app.settle_share(text, boolean, jsonb);
drop function app.try_share(text);
drop function app.look_at_share(text, jsonb);
drop function app.record_opening(public.file_shares, text, jsonb);
drop function app.share_opens(public.file_shares);
alter table file_shares drop column has_password;
update audit_logs set actor = 'worker' where actor = 'link';
alter table audit_logs drop constraint audit_logs_actor_check;
alter table audit_logs add constraint audit_logs_actor_check check (actor in ('user', 'key', 'worker', 'operator'));
