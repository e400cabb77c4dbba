CREATE TABLE "audit_logs" (
	"id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"company_id" uuid,
	"actor" text NOT NULL,
	"user_id" uuid,
	"action" varchar(50) NOT NULL,
	"resource_type" varchar(50) NOT NULL,
	"resource_id" uuid,
	"changes" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"request_id" varchar(64),
	"ip_address" varchar(45),
	"user_agent" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "audit_logs_pkey" PRIMARY KEY("created_at","id"),
	CONSTRAINT "audit_logs_actor_check" CHECK ("audit_logs"."actor" in ('user', 'key', 'worker', 'operator'))
) PARTITION BY RANGE ("created_at");
--> statement-breakpoint
ALTER TABLE "audit_logs" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "workflow_template_versions" (
	"template_id" uuid NOT NULL,
	"version" varchar(20) NOT NULL,
	"company_id" uuid,
	"content_hash" varchar(64) NOT NULL,
	"manifest" jsonb NOT NULL,
	"flow" jsonb NOT NULL,
	"input_schema" jsonb NOT NULL,
	"output_schema" jsonb NOT NULL,
	"sample_input" jsonb NOT NULL,
	"example_result" jsonb NOT NULL,
	"effects" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"result_step" varchar(100) NOT NULL,
	"published_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "workflow_template_versions_pkey" PRIMARY KEY("template_id","version")
);
--> statement-breakpoint
ALTER TABLE "workflow_template_versions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "workflow_templates" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"company_id" uuid,
	"slug" varchar(100) NOT NULL,
	"name" varchar(200) NOT NULL,
	"description" text NOT NULL,
	"value_proposition" text NOT NULL,
	"business_area" varchar(50) NOT NULL,
	"category" varchar(50) NOT NULL,
	"complexity_level" varchar(20) NOT NULL,
	"tags" text[] DEFAULT '{}' NOT NULL,
	"version" varchar(20) NOT NULL,
	"activepieces_flow_id" varchar(21),
	"estimated_duration_minutes" integer NOT NULL,
	"minutes_saved_per_run" integer NOT NULL,
	"is_active" boolean DEFAULT true NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"search" "tsvector" GENERATED ALWAYS AS (setweight(to_tsvector('simple', name), 'A') || setweight(to_tsvector('english', name || ' ' || category), 'A') ||
   setweight(to_tsvector('simple', app.joined(tags)), 'B') || setweight(to_tsvector('english', description || ' ' || value_proposition), 'C')) STORED,
	CONSTRAINT "workflow_templates_name_check" CHECK (char_length("workflow_templates"."name") >= 3),
	CONSTRAINT "workflow_templates_description_check" CHECK (char_length("workflow_templates"."description") between 10 and 1000),
	CONSTRAINT "workflow_templates_flow_id_check" CHECK ("workflow_templates"."activepieces_flow_id" ~ '^[0-9A-Za-z]{21}$'),
	CONSTRAINT "workflow_templates_version_check" CHECK ("workflow_templates"."version" ~ '^(0|[1-9][0-9]*)[.](0|[1-9][0-9]*)[.](0|[1-9][0-9]*)$'),
	CONSTRAINT "workflow_templates_duration_check" CHECK ("workflow_templates"."estimated_duration_minutes" between 1 and 1440),
	CONSTRAINT "workflow_templates_minutes_saved_check" CHECK ("workflow_templates"."minutes_saved_per_run" >= 0),
	CONSTRAINT "workflow_templates_business_area_check" CHECK ("workflow_templates"."business_area" in ('marketing', 'sales', 'operations', 'customer_support', 'finance', 'hr', 'other')),
	CONSTRAINT "workflow_templates_complexity_check" CHECK ("workflow_templates"."complexity_level" in ('beginner', 'intermediate', 'advanced'))
);
--> statement-breakpoint
ALTER TABLE "workflow_templates" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "companies" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" varchar(100) NOT NULL,
	"slug" varchar(100) NOT NULL,
	"industry_type" varchar(50) NOT NULL,
	"contact_email" varchar(255) NOT NULL,
	"contact_phone" varchar(20),
	"headquarters_address" varchar(500) NOT NULL,
	"branches" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"plan" text DEFAULT 'free' NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "companies_name_check" CHECK (char_length("companies"."name") >= 3),
	CONSTRAINT "companies_slug_check" CHECK ("companies"."slug" ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length("companies"."slug") >= 3),
	CONSTRAINT "companies_contact_email_check" CHECK ("companies"."contact_email" ~ '^[^@[:space:]]+@[^@[:space:]]+\.[^@[:space:]]+$'),
	CONSTRAINT "companies_headquarters_address_check" CHECK (char_length("companies"."headquarters_address") >= 10),
	CONSTRAINT "companies_branches_check" CHECK (jsonb_typeof("companies"."branches") = 'array' and jsonb_array_length("companies"."branches") <= 200),
	CONSTRAINT "companies_industry_type_check" CHECK ("companies"."industry_type" in ('technology', 'healthcare', 'finance', 'retail', 'manufacturing', 'education', 'consulting', 'other')),
	CONSTRAINT "companies_status_check" CHECK ("companies"."status" in ('active', 'suspended'))
);
--> statement-breakpoint
ALTER TABLE "companies" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "company_limits" (
	"company_id" uuid PRIMARY KEY NOT NULL,
	"max_users" integer,
	"max_studios" integer,
	"max_executions_per_month" integer,
	"max_concurrent_executions" integer,
	"max_storage_bytes" bigint,
	"api_requests_per_minute" integer
);
--> statement-breakpoint
ALTER TABLE "company_limits" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "company_usage" (
	"company_id" uuid NOT NULL,
	"month" text NOT NULL,
	"executions" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "company_usage_pkey" PRIMARY KEY("company_id","month")
);
--> statement-breakpoint
ALTER TABLE "company_usage" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "plans" (
	"name" text PRIMARY KEY NOT NULL,
	"max_users" integer NOT NULL,
	"max_studios" integer NOT NULL,
	"max_executions_per_month" integer NOT NULL,
	"max_concurrent_executions" integer NOT NULL,
	"max_storage_bytes" bigint NOT NULL,
	"api_requests_per_minute" integer NOT NULL,
	CONSTRAINT "plans_name_check" CHECK ("plans"."name" in ('free', 'pro', 'enterprise'))
);
--> statement-breakpoint
ALTER TABLE "plans" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "execution_attempts" (
	"company_id" uuid NOT NULL,
	"execution_id" uuid NOT NULL,
	"studio_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"engine_run_id" varchar(21),
	"status" text DEFAULT 'starting' NOT NULL,
	"error" varchar(2000),
	"callback_secret_hash" varchar(64),
	"started_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "execution_attempts_pkey" PRIMARY KEY("company_id","execution_id","number"),
	CONSTRAINT "execution_attempts_status_check" CHECK ("execution_attempts"."status" in ('starting', 'started', 'succeeded', 'failed', 'cancelled'))
);
--> statement-breakpoint
ALTER TABLE "execution_attempts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "execution_events" (
	"id" bigint DEFAULT nextval('app.execution_event_ids') NOT NULL,
	"company_id" uuid NOT NULL,
	"execution_id" uuid NOT NULL,
	"studio_id" uuid NOT NULL,
	"type" text NOT NULL,
	"level" text DEFAULT 'info' NOT NULL,
	"message" varchar(2000) NOT NULL,
	"step" varchar(100),
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "execution_events_pkey" PRIMARY KEY("company_id","execution_id","id","created_at"),
	CONSTRAINT "execution_events_type_check" CHECK ("execution_events"."type" in ('status', 'step', 'log', 'progress', 'insight', 'effect')),
	CONSTRAINT "execution_events_level_check" CHECK ("execution_events"."level" in ('debug', 'info', 'warning', 'error'))
) PARTITION BY RANGE ("created_at");
--> statement-breakpoint
ALTER TABLE "execution_events" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "workflow_executions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"company_id" uuid NOT NULL,
	"studio_id" uuid NOT NULL,
	"template_id" uuid NOT NULL,
	"template_version" varchar(20) NOT NULL,
	"user_id" uuid NOT NULL,
	"source" text DEFAULT 'manual' NOT NULL,
	"status" varchar(20) DEFAULT 'pending' NOT NULL,
	"failure_kind" text,
	"input_data" jsonb NOT NULL,
	"output_data" jsonb,
	"insights" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"files_used" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"activepieces_run_id" varchar(21),
	"idempotency_key" varchar(200),
	"input_hash" varchar(64) NOT NULL,
	"replay_of" uuid,
	"cause" jsonb,
	"external_ref" varchar(200),
	"error_message" varchar(2000),
	"retry_count" integer DEFAULT 0 NOT NULL,
	"minutes_saved" integer,
	"deadline_at" timestamp (3) with time zone,
	"cancel_requested_at" timestamp (3) with time zone,
	"started_at" timestamp (3) with time zone,
	"completed_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "workflow_executions_company_id_id_key" UNIQUE("company_id","id"),
	CONSTRAINT "workflow_executions_run_id_check" CHECK ("workflow_executions"."activepieces_run_id" ~ '^[0-9A-Za-z]{21}$'),
	CONSTRAINT "workflow_executions_retry_count_check" CHECK ("workflow_executions"."retry_count" between 0 and 3),
	CONSTRAINT "workflow_executions_status_check" CHECK ("workflow_executions"."status" in ('pending', 'held', 'running', 'paused', 'succeeded', 'failed', 'cancelled')),
	CONSTRAINT "workflow_executions_source_check" CHECK ("workflow_executions"."source" in ('manual', 'api', 'kanban', 'schedule', 'replay')),
	CONSTRAINT "workflow_executions_failure_kind_check" CHECK ("workflow_executions"."failure_kind" in ('step_failed', 'engine_error', 'timeout', 'rejected', 'quota', 'lost', 'bad_output'))
);
--> statement-breakpoint
ALTER TABLE "workflow_executions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "user_companies" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"company_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"role" varchar(20) DEFAULT 'member' NOT NULL,
	"status" varchar(20) DEFAULT 'pending' NOT NULL,
	"joined_at" timestamp (3) with time zone,
	"approved_by" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "user_companies_company_id_user_id_key" UNIQUE("company_id","user_id"),
	CONSTRAINT "user_companies_role_check" CHECK ("user_companies"."role" in ('viewer', 'member', 'admin')),
	CONSTRAINT "user_companies_status_check" CHECK ("user_companies"."status" in ('pending', 'approved', 'rejected', 'inactive'))
);
--> statement-breakpoint
ALTER TABLE "user_companies" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "user_profiles" (
	"id" uuid PRIMARY KEY NOT NULL,
	"full_name" varchar(100) NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_login_at" timestamp (3) with time zone,
	CONSTRAINT "user_profiles_full_name_check" CHECK (char_length("user_profiles"."full_name") >= 2),
	CONSTRAINT "user_profiles_status_check" CHECK ("user_profiles"."status" in ('active', 'inactive'))
);
--> statement-breakpoint
ALTER TABLE "user_profiles" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "studio_members" (
	"company_id" uuid NOT NULL,
	"studio_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "studio_members_pkey" PRIMARY KEY("company_id","studio_id","user_id")
);
--> statement-breakpoint
ALTER TABLE "studio_members" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "studios" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"company_id" uuid NOT NULL,
	"name" varchar(100) NOT NULL,
	"description" text,
	"business_area" varchar(50) NOT NULL,
	"access" text DEFAULT 'company' NOT NULL,
	"created_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"archived_at" timestamp (3) with time zone,
	CONSTRAINT "studios_company_id_id_key" UNIQUE("company_id","id"),
	CONSTRAINT "studios_name_check" CHECK (char_length("studios"."name") >= 3),
	CONSTRAINT "studios_business_area_check" CHECK ("studios"."business_area" in ('marketing', 'sales', 'operations', 'customer_support', 'finance', 'hr', 'other')),
	CONSTRAINT "studios_access_check" CHECK ("studios"."access" in ('company', 'restricted'))
);
--> statement-breakpoint
ALTER TABLE "studios" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "workflow_template_versions" ADD CONSTRAINT "workflow_template_versions_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workflow_template_versions" ADD CONSTRAINT "workflow_template_versions_template_fkey" FOREIGN KEY ("template_id") REFERENCES "public"."workflow_templates"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workflow_templates" ADD CONSTRAINT "workflow_templates_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "companies" ADD CONSTRAINT "companies_plan_plans_name_fk" FOREIGN KEY ("plan") REFERENCES "public"."plans"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "company_limits" ADD CONSTRAINT "company_limits_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "company_usage" ADD CONSTRAINT "company_usage_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "execution_attempts" ADD CONSTRAINT "execution_attempts_execution_fkey" FOREIGN KEY ("company_id","execution_id") REFERENCES "public"."workflow_executions"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "execution_events" ADD CONSTRAINT "execution_events_execution_fkey" FOREIGN KEY ("company_id","execution_id") REFERENCES "public"."workflow_executions"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workflow_executions" ADD CONSTRAINT "workflow_executions_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workflow_executions" ADD CONSTRAINT "workflow_executions_template_id_workflow_templates_id_fk" FOREIGN KEY ("template_id") REFERENCES "public"."workflow_templates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workflow_executions" ADD CONSTRAINT "workflow_executions_user_id_user_profiles_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_profiles"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workflow_executions" ADD CONSTRAINT "workflow_executions_studio_fkey" FOREIGN KEY ("company_id","studio_id") REFERENCES "public"."studios"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workflow_executions" ADD CONSTRAINT "workflow_executions_version_fkey" FOREIGN KEY ("template_id","template_version") REFERENCES "public"."workflow_template_versions"("template_id","version") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workflow_executions" ADD CONSTRAINT "workflow_executions_replay_fkey" FOREIGN KEY ("company_id","replay_of") REFERENCES "public"."workflow_executions"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_companies" ADD CONSTRAINT "user_companies_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_companies" ADD CONSTRAINT "user_companies_user_id_user_profiles_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_profiles"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_companies" ADD CONSTRAINT "user_companies_approved_by_user_profiles_id_fk" FOREIGN KEY ("approved_by") REFERENCES "public"."user_profiles"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "studio_members" ADD CONSTRAINT "studio_members_studio_fkey" FOREIGN KEY ("company_id","studio_id") REFERENCES "public"."studios"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "studio_members" ADD CONSTRAINT "studio_members_member_fkey" FOREIGN KEY ("company_id","user_id") REFERENCES "public"."user_companies"("company_id","user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "studios" ADD CONSTRAINT "studios_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "studios" ADD CONSTRAINT "studios_created_by_user_profiles_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."user_profiles"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_logs_company_id_created_at_idx" ON "audit_logs" USING btree ("company_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "audit_logs_company_id_resource_idx" ON "audit_logs" USING btree ("company_id","resource_type","resource_id");--> statement-breakpoint
CREATE INDEX "workflow_template_versions_company_id_idx" ON "workflow_template_versions" USING btree ("company_id");--> statement-breakpoint
CREATE UNIQUE INDEX "workflow_templates_company_id_slug_key" ON "workflow_templates" USING btree ("company_id","slug") WHERE "workflow_templates"."company_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "workflow_templates_platform_slug_key" ON "workflow_templates" USING btree ("slug") WHERE "workflow_templates"."company_id" is null;--> statement-breakpoint
CREATE INDEX "workflow_templates_company_id_idx" ON "workflow_templates" USING btree ("company_id");--> statement-breakpoint
CREATE INDEX "workflow_templates_search_idx" ON "workflow_templates" USING gin ("search");--> statement-breakpoint
CREATE INDEX "workflow_templates_tags_idx" ON "workflow_templates" USING gin ("tags");--> statement-breakpoint
CREATE UNIQUE INDEX "companies_slug_key" ON "companies" USING btree ("slug");--> statement-breakpoint
CREATE UNIQUE INDEX "companies_created_by_name_key" ON "companies" USING btree ("created_by",lower("name"));--> statement-breakpoint
CREATE INDEX "companies_plan_idx" ON "companies" USING btree ("plan");--> statement-breakpoint
CREATE UNIQUE INDEX "workflow_executions_idempotency_key" ON "workflow_executions" USING btree ("company_id","idempotency_key") WHERE "workflow_executions"."idempotency_key" is not null;--> statement-breakpoint
CREATE INDEX "workflow_executions_company_id_created_at_idx" ON "workflow_executions" USING btree ("company_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "workflow_executions_company_id_studio_id_idx" ON "workflow_executions" USING btree ("company_id","studio_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "workflow_executions_company_id_replay_of_idx" ON "workflow_executions" USING btree ("company_id","replay_of");--> statement-breakpoint
CREATE INDEX "workflow_executions_template_id_version_idx" ON "workflow_executions" USING btree ("template_id","template_version");--> statement-breakpoint
CREATE INDEX "workflow_executions_user_id_idx" ON "workflow_executions" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "workflow_executions_open_idx" ON "workflow_executions" USING btree ("status","created_at") WHERE "workflow_executions"."status" in ('pending', 'running', 'paused');--> statement-breakpoint
CREATE INDEX "user_companies_user_id_idx" ON "user_companies" USING btree ("user_id","status");--> statement-breakpoint
CREATE INDEX "user_companies_approved_by_idx" ON "user_companies" USING btree ("approved_by");--> statement-breakpoint
CREATE INDEX "user_companies_company_id_created_at_idx" ON "user_companies" USING btree ("company_id","created_at" DESC NULLS LAST,"user_id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "studio_members_user_id_idx" ON "studio_members" USING btree ("user_id","studio_id");--> statement-breakpoint
CREATE INDEX "studio_members_company_id_user_id_idx" ON "studio_members" USING btree ("company_id","user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "studios_company_id_name_key" ON "studios" USING btree ("company_id",lower("name"));--> statement-breakpoint
CREATE INDEX "studios_company_id_created_at_idx" ON "studios" USING btree ("company_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "studios_restricted_idx" ON "studios" USING btree ("company_id") WHERE "studios"."access" = 'restricted';--> statement-breakpoint
CREATE INDEX "studios_created_by_idx" ON "studios" USING btree ("created_by");--> statement-breakpoint
CREATE POLICY "audit_logs_select" ON "audit_logs" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("audit_logs"."company_id" = any ((select app.company_ids('admin'))::uuid[]));--> statement-breakpoint
CREATE POLICY "workflow_template_versions_select" ON "workflow_template_versions" AS PERMISSIVE FOR SELECT TO "authenticated" USING (("workflow_template_versions"."company_id" is null and (select app.user_id()) is not null) or "workflow_template_versions"."company_id" = any ((select app.company_ids('viewer'))::uuid[]));--> statement-breakpoint
CREATE POLICY "workflow_template_versions_worker" ON "workflow_template_versions" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "workflow_templates_select" ON "workflow_templates" AS PERMISSIVE FOR SELECT TO "authenticated" USING (("workflow_templates"."company_id" is null and (select app.user_id()) is not null) or "workflow_templates"."company_id" = any ((select app.company_ids('viewer'))::uuid[]));--> statement-breakpoint
CREATE POLICY "workflow_templates_worker" ON "workflow_templates" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "companies_select" ON "companies" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("companies"."id" = any ((select app.company_ids('viewer'))::uuid[]));--> statement-breakpoint
CREATE POLICY "companies_insert" ON "companies" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK ("companies"."created_by" = (select app.user_id()) and "companies"."plan" = 'free' and "companies"."status" = 'active' and "companies"."deleted_at" is null);--> statement-breakpoint
CREATE POLICY "companies_update" ON "companies" AS PERMISSIVE FOR UPDATE TO "authenticated" USING ("companies"."id" = any ((select app.company_ids('admin'))::uuid[])) WITH CHECK ("companies"."id" = any ((select app.company_ids('admin'))::uuid[]));--> statement-breakpoint
CREATE POLICY "companies_worker" ON "companies" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "company_limits_select" ON "company_limits" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("company_limits"."company_id" = any ((select app.company_ids('viewer'))::uuid[]));--> statement-breakpoint
CREATE POLICY "company_limits_worker" ON "company_limits" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "company_usage_select" ON "company_usage" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("company_usage"."company_id" = any ((select app.company_ids('viewer'))::uuid[]));--> statement-breakpoint
CREATE POLICY "company_usage_worker" ON "company_usage" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "plans_select" ON "plans" AS PERMISSIVE FOR SELECT TO "authenticated" USING (true);--> statement-breakpoint
CREATE POLICY "plans_worker" ON "plans" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "execution_attempts_select" ON "execution_attempts" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("execution_attempts"."company_id" = any ((select app.company_ids('viewer'))::uuid[]) and "execution_attempts"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]));--> statement-breakpoint
CREATE POLICY "execution_attempts_worker" ON "execution_attempts" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "execution_events_select" ON "execution_events" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("execution_events"."company_id" = any ((select app.company_ids('viewer'))::uuid[]) and "execution_events"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]));--> statement-breakpoint
CREATE POLICY "execution_events_worker" ON "execution_events" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "workflow_executions_select" ON "workflow_executions" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("workflow_executions"."company_id" = any ((select app.company_ids('viewer'))::uuid[]) and "workflow_executions"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]));--> statement-breakpoint
CREATE POLICY "workflow_executions_insert" ON "workflow_executions" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK ("workflow_executions"."company_id" = any ((select app.company_ids('member'))::uuid[]) and "workflow_executions"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]) and "workflow_executions"."user_id" = (select app.user_id()));--> statement-breakpoint
CREATE POLICY "workflow_executions_update" ON "workflow_executions" AS PERMISSIVE FOR UPDATE TO "authenticated" USING ("workflow_executions"."company_id" = any ((select app.company_ids('member'))::uuid[]) and "workflow_executions"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[])) WITH CHECK ("workflow_executions"."company_id" = any ((select app.company_ids('member'))::uuid[]) and "workflow_executions"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]));--> statement-breakpoint
CREATE POLICY "workflow_executions_worker" ON "workflow_executions" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "user_companies_select" ON "user_companies" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("user_companies"."user_id" = (select app.user_id())
        or ("user_companies"."status" = 'approved' and "user_companies"."company_id" = any ((select app.company_ids('viewer'))::uuid[]))
        or "user_companies"."company_id" = any ((select app.company_ids('admin'))::uuid[]));--> statement-breakpoint
CREATE POLICY "user_companies_insert" ON "user_companies" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK ("user_companies"."user_id" = (select app.user_id()) and "user_companies"."status" = 'pending' and "user_companies"."role" = 'member'
        and "user_companies"."approved_by" is null and "user_companies"."joined_at" is null);--> statement-breakpoint
CREATE POLICY "user_companies_update" ON "user_companies" AS PERMISSIVE FOR UPDATE TO "authenticated" USING ("user_companies"."user_id" = (select app.user_id()) or "user_companies"."company_id" = any ((select app.company_ids('admin'))::uuid[])) WITH CHECK ("user_companies"."user_id" = (select app.user_id()) or "user_companies"."company_id" = any ((select app.company_ids('admin'))::uuid[]));--> statement-breakpoint
CREATE POLICY "user_companies_worker" ON "user_companies" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "user_profiles_select" ON "user_profiles" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("user_profiles"."id" = (select app.user_id()) or "user_profiles"."id" = any ((select app.colleague_ids())::uuid[]));--> statement-breakpoint
CREATE POLICY "user_profiles_update" ON "user_profiles" AS PERMISSIVE FOR UPDATE TO "authenticated" USING ("user_profiles"."id" = (select app.user_id())) WITH CHECK ("user_profiles"."id" = (select app.user_id()));--> statement-breakpoint
CREATE POLICY "user_profiles_worker" ON "user_profiles" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "studio_members_select" ON "studio_members" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("studio_members"."company_id" = any ((select app.company_ids('viewer'))::uuid[]) and "studio_members"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]));--> statement-breakpoint
CREATE POLICY "studio_members_insert" ON "studio_members" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK ("studio_members"."company_id" = any ((select app.company_ids('admin'))::uuid[]) and "studio_members"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]));--> statement-breakpoint
CREATE POLICY "studio_members_delete" ON "studio_members" AS PERMISSIVE FOR DELETE TO "authenticated" USING ("studio_members"."company_id" = any ((select app.company_ids('admin'))::uuid[]) and "studio_members"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]));--> statement-breakpoint
CREATE POLICY "studio_members_worker" ON "studio_members" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "studios_select" ON "studios" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("studios"."company_id" = any ((select app.company_ids('viewer'))::uuid[])
        and ("studios"."access" = 'company' or not app.is_hidden_studio("studios"."id")));--> statement-breakpoint
CREATE POLICY "studios_insert" ON "studios" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK ("studios"."company_id" = any ((select app.company_ids('member'))::uuid[]) and "studios"."id" <> all ((select app.hidden_studio_ids())::uuid[]) and "studios"."created_by" = (select app.user_id()));--> statement-breakpoint
CREATE POLICY "studios_update" ON "studios" AS PERMISSIVE FOR UPDATE TO "authenticated" USING ("studios"."company_id" = any ((select app.company_ids('member'))::uuid[]) and "studios"."id" <> all ((select app.hidden_studio_ids())::uuid[])) WITH CHECK ("studios"."company_id" = any ((select app.company_ids('member'))::uuid[]) and "studios"."id" <> all ((select app.hidden_studio_ids())::uuid[]));--> statement-breakpoint
CREATE POLICY "studios_delete" ON "studios" AS PERMISSIVE FOR DELETE TO "authenticated" USING ("studios"."company_id" = any ((select app.company_ids('admin'))::uuid[]) and "studios"."id" <> all ((select app.hidden_studio_ids())::uuid[]));--> statement-breakpoint
CREATE POLICY "studios_worker" ON "studios" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);