alter schema storage owner to supabase_storage_admin;
set local role supabase_storage_admin;

do $$
begin
  if to_regtype('storage.buckettype') is null then
    create type storage.buckettype as enum ('STANDARD', 'ANALYTICS', 'VECTOR');
  end if;
end
$$;

create table if not exists storage.buckets (
  id text not null constraint buckets_pkey primary key,
  name text not null,
  owner uuid,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  public boolean not null default false,
  avif_autodetection boolean default false,
  file_size_limit bigint,
  allowed_mime_types text[],
  owner_id text,
  type storage.buckettype not null default 'STANDARD'
);
create unique index if not exists bname on storage.buckets (name);

create table if not exists storage.objects (
  id uuid not null default gen_random_uuid() constraint objects_pkey primary key,
  bucket_id text not null constraint "objects_bucketId_fkey" references storage.buckets (id),
  name text not null,
  owner uuid,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  last_accessed_at timestamptz default now(),
  metadata jsonb,
  path_tokens text[] generated always as (string_to_array(name, '/')) stored,
  version text,
  owner_id text,
  user_metadata jsonb
);
create unique index if not exists bucketid_objname on storage.objects (bucket_id, name);
create index if not exists name_prefix_search on storage.objects (name text_pattern_ops);
create index if not exists objects_version_idx on storage.objects (version);

-- Uploads that come in parts. Nobody but Storage sees them; what is uploaded becomes a row of storage.objects.
create table if not exists storage.resumable_uploads (
  id uuid not null constraint resumable_uploads_pkey primary key,
  bucket_id text not null
    constraint resumable_uploads_bucket_id_fkey references storage.buckets (id) on delete cascade,
  name text not null,
  owner_id text,
  is_upsert boolean not null,
  total_bytes bigint not null,
  received_bytes bigint not null default 0
    constraint resumable_uploads_received_bytes_check check (received_bytes between 0 and total_bytes),
  content jsonb not null,
  client_metadata text not null,
  expires_at timestamptz not null,
  completed_at timestamptz
);
create index if not exists resumable_uploads_bucket_id_idx on storage.resumable_uploads (bucket_id);
create index if not exists resumable_uploads_expires_at_idx on storage.resumable_uploads (expires_at);

alter table storage.buckets enable row level security;
alter table storage.objects enable row level security;
alter table storage.resumable_uploads enable row level security;

create or replace function storage.foldername(name text) returns text[] language sql immutable
return (string_to_array(name, '/'))[1 : array_length(string_to_array(name, '/'), 1) - 1];

create or replace function storage.filename(name text) returns text language sql immutable
return (string_to_array(name, '/'))[array_length(string_to_array(name, '/'), 1)];

create or replace function storage.extension(name text) returns text language sql immutable
return reverse(split_part(reverse(storage.filename(name)), '.', 1));

create or replace function storage.update_updated_at_column() returns trigger language plpgsql set search_path = ''
as $$
begin
  new.updated_at = now();
  return new;
end
$$;
create or replace trigger update_objects_updated_at before update on storage.objects
for each row execute function storage.update_updated_at_column();

create or replace function storage.protect_delete() returns trigger language plpgsql set search_path = ''
as $$
begin
  if coalesce(current_setting('storage.allow_delete_query', true), '') <> 'true' then
    raise exception 'Direct deletion from storage tables is not allowed. Use the Storage API instead.'
      using errcode = 'insufficient_privilege', hint = 'The bytes of an object would outlive its row.';
  end if;
  return null;
end
$$;
create or replace trigger protect_buckets_delete before delete on storage.buckets
for each statement execute function storage.protect_delete();
create or replace trigger protect_objects_delete before delete on storage.objects
for each statement execute function storage.protect_delete();

grant usage on schema storage to anon, authenticated, service_role;
grant select, insert, update, delete on storage.buckets, storage.objects to anon, authenticated, service_role;

reset role;
