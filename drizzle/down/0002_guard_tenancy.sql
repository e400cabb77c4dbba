drop view app.caller;
drop trigger companies_add_founder on companies;
drop trigger studios_note_sign_in on auth.users;
drop trigger studios_add_profile on auth.users;
drop function app.add_founder(), app.note_sign_in(), app.add_profile();

revoke all on all tables in schema public from authenticated, studios_worker;
revoke usage on schema public from studios_worker;

do $$
declare
  relation record;
begin
  for relation in
    select c.oid::regclass as name from pg_catalog.pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  loop
    execute format('alter table %s no force row level security', relation.name);
  end loop;
end $$;

alter table companies drop constraint companies_created_by_fkey;
alter table user_profiles drop constraint user_profiles_user_fkey;
