-- The key is nowhere in the database, so neither a dump nor a superuser's SELECT shows a secret. A session that may use
-- the vault brings it as the setting "vault.key", put into its connection string by withVaultKey() (bootstrap.ts);
-- settings of one session cannot be read from another. The request roles and the API's login role have neither the key
-- nor USAGE on this schema.
create table if not exists vault.key_check (
  is_only boolean not null default true constraint key_check_pkey primary key constraint key_check_one_row check (is_only),
  digest bytea not null
);

create table if not exists vault.secrets (
  id uuid not null default gen_random_uuid() constraint secrets_pkey primary key,
  name text,
  description text not null default '',
  secret text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index if not exists secrets_name_idx on vault.secrets (name) where name is not null;

create or replace function vault.current_key() returns text language plpgsql stable security definer set search_path = ''
as $$
declare
  session_key constant text := current_setting('vault.key', true);
begin
  if coalesce(session_key, '') = '' then
    raise exception 'This connection carries no vault key.' using errcode = 'insufficient_privilege';
  end if;
  if not exists (select from vault.key_check where digest = extensions.hmac('vault key check', session_key, 'sha256')) then
    raise exception 'The vault key of this connection is not the one the secrets are under.'
      using errcode = 'insufficient_privilege';
  end if;
  return session_key;
end
$$;

-- Each secret has a key of its own, derived from its id: a ciphertext copied into another row does not decrypt.
create or replace function vault.row_key(secret_id uuid) returns text language sql stable set search_path = ''
return encode(extensions.hmac(secret_id::text, vault.current_key(), 'sha256'), 'hex');

create or replace function vault.encrypt(secret_id uuid, plain text) returns text language sql volatile set search_path = ''
return encode(
  extensions.pgp_sym_encrypt(plain, vault.row_key(secret_id), 'cipher-algo=aes256, s2k-mode=1, compress-algo=0'),
  'base64'
);

create or replace function vault.decrypt(secret_id uuid, cipher text) returns text language sql stable set search_path = ''
return extensions.pgp_sym_decrypt(decode(cipher, 'base64'), vault.row_key(secret_id));

create or replace function vault.create_secret(new_secret text, new_name text default null, new_description text default '')
returns uuid language plpgsql set search_path = ''
as $$
declare
  secret_id constant uuid := gen_random_uuid();
begin
  insert into vault.secrets (id, name, description, secret)
  values (secret_id, new_name, coalesce(new_description, ''), vault.encrypt(secret_id, new_secret));
  return secret_id;
end
$$;

create or replace function vault.update_secret(
  secret_id uuid, new_secret text default null, new_name text default null, new_description text default null
)
returns void language sql set search_path = ''
as $$
  update vault.secrets s
  set secret = case when new_secret is null then s.secret else vault.encrypt(s.id, new_secret) end,
      name = coalesce(new_name, s.name),
      description = coalesce(new_description, s.description),
      updated_at = now()
  where s.id = secret_id
$$;

create or replace view vault.decrypted_secrets with (security_invoker = true) as
select s.id, s.name, s.description, s.secret, vault.decrypt(s.id, s.secret) as decrypted_secret, s.created_at, s.updated_at
from vault.secrets s;

revoke all on all tables in schema vault from public, anon, authenticated;
revoke execute on all functions in schema vault from public, anon, authenticated;
grant usage on schema vault to service_role;
grant select, insert, update, delete on vault.secrets to service_role;
grant select on vault.decrypted_secrets to service_role;
grant execute on all functions in schema vault to service_role;
