CREATE TABLE "company_storage" (
	"company_id" uuid PRIMARY KEY NOT NULL,
	"used_bytes" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "company_storage_used_bytes_check" CHECK ("company_storage"."used_bytes" >= 0)
);
--> statement-breakpoint
ALTER TABLE "company_storage" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "file_removals" (
	"company_id" uuid NOT NULL,
	"supabase_path" varchar(500) NOT NULL,
	"not_before" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "file_removals_pkey" PRIMARY KEY("company_id","supabase_path")
);
--> statement-breakpoint
ALTER TABLE "file_removals" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "file_versions" (
	"id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"company_id" uuid NOT NULL,
	"file_id" uuid NOT NULL,
	"number" integer DEFAULT 1 NOT NULL,
	"uploaded_by" uuid NOT NULL,
	"file_size" integer NOT NULL,
	"mime_type" varchar(100) NOT NULL,
	"supabase_path" varchar(500) NOT NULL,
	"checksum" varchar(64),
	"status" text DEFAULT 'uploading' NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "file_versions_pkey" PRIMARY KEY("company_id","file_id","number"),
	CONSTRAINT "file_versions_id_key" UNIQUE("id"),
	CONSTRAINT "file_versions_supabase_path_key" UNIQUE("supabase_path"),
	CONSTRAINT "file_versions_file_size_check" CHECK ("file_versions"."file_size" between 1 and 104857600),
	CONSTRAINT "file_versions_checksum_check" CHECK ("file_versions"."checksum" ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "file_versions_ready_check" CHECK ("file_versions"."status" <> 'ready' or "file_versions"."checksum" is not null),
	CONSTRAINT "file_versions_path_check" CHECK ("file_versions"."supabase_path" = "file_versions"."company_id"::text || '/' || "file_versions"."id"::text),
	CONSTRAINT "file_versions_number_check" CHECK ("file_versions"."number" >= 1),
	CONSTRAINT "file_versions_status_check" CHECK ("file_versions"."status" in ('uploading', 'ready'))
);
--> statement-breakpoint
ALTER TABLE "file_versions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "files" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"company_id" uuid NOT NULL,
	"studio_id" uuid NOT NULL,
	"folder_id" uuid,
	"uploaded_by" uuid NOT NULL,
	"filename" varchar(255) NOT NULL,
	"file_size" integer NOT NULL,
	"mime_type" varchar(100) NOT NULL,
	"supabase_path" varchar(500) NOT NULL,
	"checksum" varchar(64),
	"status" text DEFAULT 'uploading' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"access_level" varchar(20) DEFAULT 'studio' NOT NULL,
	"tags" text[] DEFAULT '{}'::text[] NOT NULL,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"upload_timestamp" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_accessed" timestamp (3) with time zone,
	"deleted_at" timestamp (3) with time zone,
	"deleted_with" uuid,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "files_company_id_id_key" UNIQUE("company_id","id"),
	CONSTRAINT "files_supabase_path_key" UNIQUE("supabase_path"),
	CONSTRAINT "files_filename_check" CHECK (char_length("files"."filename") >= 1 and "files"."filename" !~ '[/\\[:cntrl:]]'),
	CONSTRAINT "files_file_size_check" CHECK ("files"."file_size" between 1 and 104857600),
	CONSTRAINT "files_checksum_check" CHECK ("files"."checksum" ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "files_ready_check" CHECK ("files"."status" <> 'ready' or "files"."checksum" is not null),
	CONSTRAINT "files_version_check" CHECK ("files"."version" >= 1),
	CONSTRAINT "files_tags_check" CHECK (cardinality("files"."tags") <= 20),
	CONSTRAINT "files_status_check" CHECK ("files"."status" in ('uploading', 'ready')),
	CONSTRAINT "files_access_level_check" CHECK ("files"."access_level" in ('private', 'studio', 'company'))
);
--> statement-breakpoint
ALTER TABLE "files" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "folders" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"company_id" uuid NOT NULL,
	"studio_id" uuid NOT NULL,
	"parent_id" uuid,
	"name" varchar(255) NOT NULL,
	"created_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	"deleted_with" uuid,
	CONSTRAINT "folders_company_id_id_key" UNIQUE("company_id","id"),
	CONSTRAINT "folders_company_id_studio_id_id_key" UNIQUE("company_id","studio_id","id"),
	CONSTRAINT "folders_name_check" CHECK (char_length("folders"."name") >= 1 and "folders"."name" !~ '[/\\[:cntrl:]]'),
	CONSTRAINT "folders_parent_check" CHECK ("folders"."parent_id" <> "folders"."id")
);
--> statement-breakpoint
ALTER TABLE "folders" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "execution_files" (
	"company_id" uuid NOT NULL,
	"execution_id" uuid NOT NULL,
	"file_id" uuid NOT NULL,
	"usage_type" text NOT NULL,
	"property" varchar(100),
	"version" integer NOT NULL,
	"token_hash" varchar(64),
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "execution_files_pkey" PRIMARY KEY("company_id","execution_id","file_id","usage_type"),
	CONSTRAINT "execution_files_usage_type_check" CHECK ("execution_files"."usage_type" in ('input', 'output'))
);
--> statement-breakpoint
ALTER TABLE "execution_files" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "file_reads" (
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "file_reads_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"execution_id" uuid NOT NULL,
	"file_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "file_reads_pkey" PRIMARY KEY("company_id","file_id","id")
);
--> statement-breakpoint
ALTER TABLE "file_reads" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "file_shares" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"company_id" uuid NOT NULL,
	"file_id" uuid,
	"folder_id" uuid,
	"label" varchar(200),
	"token_hash" varchar(64) NOT NULL,
	"password_hash" varchar(200),
	"failed_attempts" integer DEFAULT 0 NOT NULL,
	"failed_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"max_uses" integer,
	"uses" integer DEFAULT 0 NOT NULL,
	"created_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "file_shares_token_hash_key" UNIQUE("token_hash"),
	CONSTRAINT "file_shares_target_check" CHECK (num_nonnulls("file_shares"."file_id", "file_shares"."folder_id") = 1),
	CONSTRAINT "file_shares_max_uses_check" CHECK ("file_shares"."max_uses" >= 1)
);
--> statement-breakpoint
ALTER TABLE "file_shares" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "company_storage" ADD CONSTRAINT "company_storage_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "file_versions" ADD CONSTRAINT "file_versions_uploaded_by_user_profiles_id_fk" FOREIGN KEY ("uploaded_by") REFERENCES "public"."user_profiles"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "file_versions" ADD CONSTRAINT "file_versions_file_fkey" FOREIGN KEY ("company_id","file_id") REFERENCES "public"."files"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "files" ADD CONSTRAINT "files_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "files" ADD CONSTRAINT "files_uploaded_by_user_profiles_id_fk" FOREIGN KEY ("uploaded_by") REFERENCES "public"."user_profiles"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "files" ADD CONSTRAINT "files_studio_fkey" FOREIGN KEY ("company_id","studio_id") REFERENCES "public"."studios"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "files" ADD CONSTRAINT "files_folder_fkey" FOREIGN KEY ("company_id","studio_id","folder_id") REFERENCES "public"."folders"("company_id","studio_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "folders" ADD CONSTRAINT "folders_created_by_user_profiles_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."user_profiles"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "folders" ADD CONSTRAINT "folders_studio_fkey" FOREIGN KEY ("company_id","studio_id") REFERENCES "public"."studios"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "folders" ADD CONSTRAINT "folders_parent_fkey" FOREIGN KEY ("company_id","studio_id","parent_id") REFERENCES "public"."folders"("company_id","studio_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "execution_files" ADD CONSTRAINT "execution_files_execution_fkey" FOREIGN KEY ("company_id","execution_id") REFERENCES "public"."workflow_executions"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "execution_files" ADD CONSTRAINT "execution_files_file_fkey" FOREIGN KEY ("company_id","file_id") REFERENCES "public"."files"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "file_reads" ADD CONSTRAINT "file_reads_execution_fkey" FOREIGN KEY ("company_id","execution_id") REFERENCES "public"."workflow_executions"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "file_reads" ADD CONSTRAINT "file_reads_file_fkey" FOREIGN KEY ("company_id","file_id") REFERENCES "public"."files"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "file_shares" ADD CONSTRAINT "file_shares_created_by_user_profiles_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."user_profiles"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "file_shares" ADD CONSTRAINT "file_shares_file_fkey" FOREIGN KEY ("company_id","file_id") REFERENCES "public"."files"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "file_shares" ADD CONSTRAINT "file_shares_folder_fkey" FOREIGN KEY ("company_id","folder_id") REFERENCES "public"."folders"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "file_removals_not_before_idx" ON "file_removals" USING btree ("not_before");--> statement-breakpoint
CREATE INDEX "file_versions_uploaded_by_idx" ON "file_versions" USING btree ("uploaded_by");--> statement-breakpoint
CREATE INDEX "file_versions_uploading_idx" ON "file_versions" USING btree ("expires_at") WHERE "file_versions"."status" = 'uploading';--> statement-breakpoint
CREATE INDEX "files_company_id_upload_timestamp_idx" ON "files" USING btree ("company_id","upload_timestamp" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "files_company_id_studio_id_idx" ON "files" USING btree ("company_id","studio_id","folder_id","upload_timestamp" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "files_uploaded_by_idx" ON "files" USING btree ("uploaded_by");--> statement-breakpoint
CREATE INDEX "files_tags_idx" ON "files" USING gin ("tags");--> statement-breakpoint
CREATE INDEX "files_filename_idx" ON "files" USING gin (lower("filename") extensions.gin_trgm_ops);--> statement-breakpoint
CREATE INDEX "files_trash_idx" ON "files" USING btree ("company_id","deleted_at") WHERE "files"."deleted_at" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "folders_name_key" ON "folders" USING btree ("company_id","studio_id",coalesce("parent_id", '00000000-0000-0000-0000-000000000000'),lower("name")) WHERE "folders"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "folders_company_id_parent_id_idx" ON "folders" USING btree ("company_id","studio_id","parent_id");--> statement-breakpoint
CREATE INDEX "folders_created_by_idx" ON "folders" USING btree ("created_by");--> statement-breakpoint
CREATE INDEX "execution_files_company_id_file_id_idx" ON "execution_files" USING btree ("company_id","file_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "file_reads_company_id_execution_id_idx" ON "file_reads" USING btree ("company_id","execution_id");--> statement-breakpoint
CREATE INDEX "file_shares_company_id_file_id_idx" ON "file_shares" USING btree ("company_id","file_id");--> statement-breakpoint
CREATE INDEX "file_shares_company_id_folder_id_idx" ON "file_shares" USING btree ("company_id","folder_id");--> statement-breakpoint
CREATE INDEX "file_shares_company_id_created_at_idx" ON "file_shares" USING btree ("company_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "file_shares_created_by_idx" ON "file_shares" USING btree ("created_by");--> statement-breakpoint
CREATE POLICY "company_storage_select" ON "company_storage" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("company_storage"."company_id" = any ((select app.company_ids('viewer'))::uuid[]));--> statement-breakpoint
CREATE POLICY "company_storage_worker" ON "company_storage" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "file_removals_worker" ON "file_removals" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "file_versions_select" ON "file_versions" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("file_versions"."company_id" = any ((select app.company_ids('viewer'))::uuid[]) and exists (
        select from files f where f.company_id = "file_versions"."company_id" and f.id = "file_versions"."file_id"));--> statement-breakpoint
CREATE POLICY "file_versions_insert" ON "file_versions" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK ("file_versions"."company_id" = any ((select app.company_ids('member'))::uuid[]) and "file_versions"."uploaded_by" = (select app.user_id())
        and "file_versions"."status" = 'uploading' and exists (
          select from files f where f.company_id = "file_versions"."company_id" and f.id = "file_versions"."file_id" and f.deleted_at is null));--> statement-breakpoint
CREATE POLICY "file_versions_worker" ON "file_versions" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "files_select" ON "files" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("files"."company_id" = any ((select app.company_ids('viewer'))::uuid[]) and case "files"."access_level" when 'company' then true when 'studio' then "files"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]) else "files"."uploaded_by" = (select app.user_id()) end);--> statement-breakpoint
CREATE POLICY "files_insert" ON "files" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK ("files"."company_id" = any ((select app.company_ids('member'))::uuid[]) and "files"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]) and "files"."uploaded_by" = (select app.user_id()) and "files"."status" = 'uploading' and "files"."deleted_at" is null);--> statement-breakpoint
CREATE POLICY "files_update" ON "files" AS PERMISSIVE FOR UPDATE TO "authenticated" USING ("files"."company_id" = any ((select app.company_ids('member'))::uuid[]) and case "files"."access_level" when 'private' then "files"."uploaded_by" = (select app.user_id()) else "files"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]) end) WITH CHECK ("files"."company_id" = any ((select app.company_ids('member'))::uuid[]) and case "files"."access_level" when 'private' then "files"."uploaded_by" = (select app.user_id()) else "files"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]) end);--> statement-breakpoint
CREATE POLICY "files_worker" ON "files" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "folders_select" ON "folders" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("folders"."company_id" = any ((select app.company_ids('viewer'))::uuid[]) and "folders"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]));--> statement-breakpoint
CREATE POLICY "folders_insert" ON "folders" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK ("folders"."company_id" = any ((select app.company_ids('member'))::uuid[]) and "folders"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]) and "folders"."created_by" = (select app.user_id()));--> statement-breakpoint
CREATE POLICY "folders_update" ON "folders" AS PERMISSIVE FOR UPDATE TO "authenticated" USING ("folders"."company_id" = any ((select app.company_ids('member'))::uuid[]) and "folders"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[])) WITH CHECK ("folders"."company_id" = any ((select app.company_ids('member'))::uuid[]) and "folders"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]));--> statement-breakpoint
CREATE POLICY "folders_worker" ON "folders" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "execution_files_select" ON "execution_files" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("execution_files"."company_id" = any ((select app.company_ids('viewer'))::uuid[])
      and exists (select from files f where f.company_id = "execution_files"."company_id" and f.id = "execution_files"."file_id")
      and exists (select from workflow_executions e where e.company_id = "execution_files"."company_id" and e.id = "execution_files"."execution_id"));--> statement-breakpoint
CREATE POLICY "execution_files_worker" ON "execution_files" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "file_reads_select" ON "file_reads" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("file_reads"."company_id" = any ((select app.company_ids('viewer'))::uuid[])
      and exists (select from files f where f.company_id = "file_reads"."company_id" and f.id = "file_reads"."file_id")
      and exists (select from workflow_executions e where e.company_id = "file_reads"."company_id" and e.id = "file_reads"."execution_id"));--> statement-breakpoint
CREATE POLICY "file_reads_worker" ON "file_reads" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "file_shares_select" ON "file_shares" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("file_shares"."company_id" = any ((select app.company_ids('viewer'))::uuid[]) and (
    exists (select from files f where f.company_id = "file_shares"."company_id" and f.id = "file_shares"."file_id")
    or exists (select from folders d where d.company_id = "file_shares"."company_id" and d.id = "file_shares"."folder_id")));--> statement-breakpoint
CREATE POLICY "file_shares_insert" ON "file_shares" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK ("file_shares"."company_id" = any ((select app.company_ids('member'))::uuid[]) and (
    exists (select from files f where f.company_id = "file_shares"."company_id" and f.id = "file_shares"."file_id")
    or exists (select from folders d where d.company_id = "file_shares"."company_id" and d.id = "file_shares"."folder_id")) and "file_shares"."created_by" = (select app.user_id()));--> statement-breakpoint
CREATE POLICY "file_shares_update" ON "file_shares" AS PERMISSIVE FOR UPDATE TO "authenticated" USING ("file_shares"."company_id" = any ((select app.company_ids('member'))::uuid[]) and (
    exists (select from files f where f.company_id = "file_shares"."company_id" and f.id = "file_shares"."file_id")
    or exists (select from folders d where d.company_id = "file_shares"."company_id" and d.id = "file_shares"."folder_id"))) WITH CHECK ("file_shares"."company_id" = any ((select app.company_ids('member'))::uuid[]) and (
    exists (select from files f where f.company_id = "file_shares"."company_id" and f.id = "file_shares"."file_id")
    or exists (select from folders d where d.company_id = "file_shares"."company_id" and d.id = "file_shares"."folder_id")));--> statement-breakpoint
CREATE POLICY "file_shares_worker" ON "file_shares" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);