CREATE TABLE "failure_groups" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"company_id" uuid NOT NULL,
	"studio_id" uuid NOT NULL,
	"template_id" uuid NOT NULL,
	"fingerprint" varchar(64) NOT NULL,
	"step" varchar(100),
	"failure_kind" text,
	"message" varchar(2000) NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"first_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"owner_id" uuid,
	"changed_at" timestamp (3) with time zone,
	CONSTRAINT "failure_groups_company_id_id_key" UNIQUE("company_id","id"),
	CONSTRAINT "failure_groups_cause_key" UNIQUE("company_id","studio_id","template_id","fingerprint"),
	CONSTRAINT "failure_groups_state_check" CHECK ("failure_groups"."state" in ('open', 'resolved', 'ignored')),
	CONSTRAINT "failure_groups_failure_kind_check" CHECK ("failure_groups"."failure_kind" in ('step_failed', 'engine_error', 'timeout', 'rejected', 'quota', 'lost', 'bad_output'))
);
--> statement-breakpoint
ALTER TABLE "failure_groups" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "bulk_items" (
	"company_id" uuid NOT NULL,
	"operation_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"execution_id" uuid NOT NULL,
	"studio_id" uuid NOT NULL,
	"verdict" text DEFAULT 'waiting' NOT NULL,
	"message" varchar(2000),
	"new_execution_id" uuid,
	"decided_at" timestamp (3) with time zone,
	CONSTRAINT "bulk_items_pkey" PRIMARY KEY("company_id","operation_id","ordinal"),
	CONSTRAINT "bulk_items_execution_key" UNIQUE("company_id","operation_id","execution_id"),
	CONSTRAINT "bulk_items_verdict_check" CHECK ("bulk_items"."verdict" in ('waiting', 'done', 'refused', 'skipped'))
);
--> statement-breakpoint
ALTER TABLE "bulk_items" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "bulk_operations" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"company_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"action" text NOT NULL,
	"filter" jsonb NOT NULL,
	"options" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"status" text DEFAULT 'running' NOT NULL,
	"total" integer NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"completed_at" timestamp (3) with time zone,
	CONSTRAINT "bulk_operations_company_id_id_key" UNIQUE("company_id","id"),
	CONSTRAINT "bulk_operations_action_check" CHECK ("bulk_operations"."action" in ('retry', 'replay', 'cancel')),
	CONSTRAINT "bulk_operations_status_check" CHECK ("bulk_operations"."status" in ('running', 'finished', 'aborted'))
);
--> statement-breakpoint
ALTER TABLE "bulk_operations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "execution_effects" (
	"company_id" uuid NOT NULL,
	"execution_id" uuid NOT NULL,
	"studio_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"kind" varchar(100) NOT NULL,
	"arguments" jsonb NOT NULL,
	"outcome" text DEFAULT 'waiting' NOT NULL,
	"reason" varchar(2000),
	"result" jsonb,
	"applied_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "execution_effects_pkey" PRIMARY KEY("company_id","execution_id","ordinal"),
	CONSTRAINT "execution_effects_outcome_check" CHECK ("execution_effects"."outcome" in ('waiting', 'applied', 'refused', 'failed'))
);
--> statement-breakpoint
ALTER TABLE "execution_effects" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "insights" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"company_id" uuid NOT NULL,
	"studio_id" uuid NOT NULL,
	"execution_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"title" varchar(500) NOT NULL,
	"importance" text NOT NULL,
	"insight" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "insights_effect_key" UNIQUE("company_id","execution_id","ordinal"),
	CONSTRAINT "insights_importance_check" CHECK ("insights"."importance" in ('high', 'medium', 'low'))
);
--> statement-breakpoint
ALTER TABLE "insights" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "execution_callbacks" (
	"company_id" uuid NOT NULL,
	"execution_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"message_id" varchar(100) NOT NULL,
	"type" text NOT NULL,
	"outcome" text NOT NULL,
	"body" jsonb,
	"received_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "execution_callbacks_pkey" PRIMARY KEY("company_id","execution_id","attempt","message_id"),
	CONSTRAINT "execution_callbacks_type_check" CHECK ("execution_callbacks"."type" in ('progress', 'log', 'insight', 'finished')),
	CONSTRAINT "execution_callbacks_outcome_check" CHECK ("execution_callbacks"."outcome" in ('waiting', 'applied', 'late'))
);
--> statement-breakpoint
ALTER TABLE "execution_callbacks" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "execution_follows" (
	"company_id" uuid NOT NULL,
	"execution_id" uuid NOT NULL,
	"next_look_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"looks" integer DEFAULT 0 NOT NULL,
	"leased_by" uuid,
	"leased_until" timestamp (3) with time zone,
	CONSTRAINT "execution_follows_pkey" PRIMARY KEY("company_id","execution_id")
);
--> statement-breakpoint
ALTER TABLE "execution_follows" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "integration_flows" (
	"integration_id" uuid NOT NULL,
	"template_id" uuid NOT NULL,
	"company_id" uuid NOT NULL,
	"content_hash" varchar(64) NOT NULL,
	"flow_id" varchar(21) NOT NULL,
	"published_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "integration_flows_pkey" PRIMARY KEY("company_id","integration_id","template_id")
);
--> statement-breakpoint
ALTER TABLE "integration_flows" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "integrations" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"company_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"settings" jsonb NOT NULL,
	"secret_id" uuid NOT NULL,
	"status" text DEFAULT 'unchecked' NOT NULL,
	"status_message" varchar(500),
	"checked_at" timestamp (3) with time zone,
	"created_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"removed_at" timestamp (3) with time zone,
	CONSTRAINT "integrations_company_id_id_key" UNIQUE("company_id","id"),
	CONSTRAINT "integrations_kind_check" CHECK ("integrations"."kind" in ('activepieces')),
	CONSTRAINT "integrations_status_check" CHECK ("integrations"."status" in ('unchecked', 'ready', 'failing'))
);
--> statement-breakpoint
ALTER TABLE "integrations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "schedule_occurrences" (
	"company_id" uuid NOT NULL,
	"schedule_id" uuid NOT NULL,
	"studio_id" uuid NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"outcome" text NOT NULL,
	"reason" varchar(500),
	"execution_id" uuid,
	"decided_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "schedule_occurrences_pkey" PRIMARY KEY("company_id","schedule_id","due_at"),
	CONSTRAINT "schedule_occurrences_outcome_check" CHECK ("schedule_occurrences"."outcome" in ('waiting', 'started', 'skipped', 'coalesced', 'refused'))
);
--> statement-breakpoint
ALTER TABLE "schedule_occurrences" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "workflow_schedules" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"company_id" uuid NOT NULL,
	"studio_id" uuid NOT NULL,
	"template_id" uuid NOT NULL,
	"name" varchar(100) NOT NULL,
	"cron" varchar(100) NOT NULL,
	"timezone" varchar(64) NOT NULL,
	"input_data" jsonb NOT NULL,
	"overlap" text DEFAULT 'skip' NOT NULL,
	"is_active" boolean DEFAULT true NOT NULL,
	"stopped_reason" varchar(500),
	"next_due_at" timestamp (3) with time zone,
	"user_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "workflow_schedules_company_id_id_key" UNIQUE("company_id","id"),
	CONSTRAINT "workflow_schedules_due_check" CHECK (not "workflow_schedules"."is_active" or "workflow_schedules"."next_due_at" is not null),
	CONSTRAINT "workflow_schedules_overlap_check" CHECK ("workflow_schedules"."overlap" in ('skip', 'queue', 'coalesce'))
);
--> statement-breakpoint
ALTER TABLE "workflow_schedules" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
DROP INDEX "workflow_executions_open_idx";--> statement-breakpoint
ALTER TABLE "company_usage" ADD COLUMN "slot" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "execution_attempts" ADD COLUMN "origin" integer;--> statement-breakpoint
UPDATE "execution_attempts" SET "origin" = "number";--> statement-breakpoint
ALTER TABLE "execution_attempts" ALTER COLUMN "origin" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "execution_attempts" ADD COLUMN "integration_id" uuid;--> statement-breakpoint
ALTER TABLE "execution_attempts" ADD COLUMN "not_before" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "execution_attempts" ADD COLUMN "engine_finished_before" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "execution_events" ADD COLUMN "transaction_id" "xid8" DEFAULT pg_current_xact_id() NOT NULL;--> statement-breakpoint
ALTER TABLE "workflow_executions" ADD COLUMN "priority" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "workflow_executions" ADD COLUMN "held_for" text;--> statement-breakpoint
ALTER TABLE "workflow_executions" ADD COLUMN "counted_month" text;--> statement-breakpoint
UPDATE "workflow_executions" SET "held_for" = 'quota' WHERE "status" = 'held';--> statement-breakpoint
UPDATE "workflow_executions" SET "counted_month" = to_char("created_at" at time zone 'utc', 'YYYY-MM') WHERE "status" <> 'held';--> statement-breakpoint
ALTER TABLE "workflow_executions" ADD COLUMN "integration_id" uuid;--> statement-breakpoint
ALTER TABLE "workflow_executions" ADD COLUMN "failed_step" varchar(100);--> statement-breakpoint
ALTER TABLE "workflow_executions" ADD COLUMN "failure_group_id" uuid;--> statement-breakpoint
ALTER TABLE "workflow_executions" ADD COLUMN "retry_from" text;--> statement-breakpoint
ALTER TABLE "workflow_executions" ADD COLUMN "waiting_for" jsonb;--> statement-breakpoint
ALTER TABLE "workflow_executions" ADD COLUMN "answer" jsonb;--> statement-breakpoint
ALTER TABLE "failure_groups" ADD CONSTRAINT "failure_groups_template_id_workflow_templates_id_fk" FOREIGN KEY ("template_id") REFERENCES "public"."workflow_templates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "failure_groups" ADD CONSTRAINT "failure_groups_studio_fkey" FOREIGN KEY ("company_id","studio_id") REFERENCES "public"."studios"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "failure_groups" ADD CONSTRAINT "failure_groups_owner_fkey" FOREIGN KEY ("company_id","owner_id") REFERENCES "public"."user_companies"("company_id","user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bulk_items" ADD CONSTRAINT "bulk_items_operation_fkey" FOREIGN KEY ("company_id","operation_id") REFERENCES "public"."bulk_operations"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bulk_items" ADD CONSTRAINT "bulk_items_execution_fkey" FOREIGN KEY ("company_id","execution_id") REFERENCES "public"."workflow_executions"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bulk_operations" ADD CONSTRAINT "bulk_operations_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bulk_operations" ADD CONSTRAINT "bulk_operations_user_id_user_profiles_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_profiles"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "execution_effects" ADD CONSTRAINT "execution_effects_execution_fkey" FOREIGN KEY ("company_id","execution_id") REFERENCES "public"."workflow_executions"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "insights" ADD CONSTRAINT "insights_execution_fkey" FOREIGN KEY ("company_id","execution_id") REFERENCES "public"."workflow_executions"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "execution_callbacks" ADD CONSTRAINT "execution_callbacks_execution_fkey" FOREIGN KEY ("company_id","execution_id") REFERENCES "public"."workflow_executions"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "execution_follows" ADD CONSTRAINT "execution_follows_execution_fkey" FOREIGN KEY ("company_id","execution_id") REFERENCES "public"."workflow_executions"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "integration_flows" ADD CONSTRAINT "integration_flows_template_id_workflow_templates_id_fk" FOREIGN KEY ("template_id") REFERENCES "public"."workflow_templates"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "integration_flows" ADD CONSTRAINT "integration_flows_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "integration_flows" ADD CONSTRAINT "integration_flows_integration_fkey" FOREIGN KEY ("company_id","integration_id") REFERENCES "public"."integrations"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "integrations" ADD CONSTRAINT "integrations_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "integrations" ADD CONSTRAINT "integrations_created_by_user_profiles_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."user_profiles"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "schedule_occurrences" ADD CONSTRAINT "schedule_occurrences_schedule_fkey" FOREIGN KEY ("company_id","schedule_id") REFERENCES "public"."workflow_schedules"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "schedule_occurrences" ADD CONSTRAINT "schedule_occurrences_execution_fkey" FOREIGN KEY ("company_id","execution_id") REFERENCES "public"."workflow_executions"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workflow_schedules" ADD CONSTRAINT "workflow_schedules_template_id_workflow_templates_id_fk" FOREIGN KEY ("template_id") REFERENCES "public"."workflow_templates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workflow_schedules" ADD CONSTRAINT "workflow_schedules_user_id_user_profiles_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_profiles"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workflow_schedules" ADD CONSTRAINT "workflow_schedules_studio_fkey" FOREIGN KEY ("company_id","studio_id") REFERENCES "public"."studios"("company_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "failure_groups_company_id_last_at_idx" ON "failure_groups" USING btree ("company_id","last_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "failure_groups_company_id_owner_id_idx" ON "failure_groups" USING btree ("company_id","owner_id");--> statement-breakpoint
CREATE INDEX "failure_groups_template_id_idx" ON "failure_groups" USING btree ("template_id");--> statement-breakpoint
CREATE INDEX "bulk_items_company_id_execution_id_idx" ON "bulk_items" USING btree ("company_id","execution_id");--> statement-breakpoint
CREATE INDEX "bulk_operations_company_id_created_at_idx" ON "bulk_operations" USING btree ("company_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "bulk_operations_user_id_idx" ON "bulk_operations" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "bulk_operations_running_idx" ON "bulk_operations" USING btree ("created_at") WHERE "bulk_operations"."status" = 'running';--> statement-breakpoint
CREATE INDEX "execution_effects_waiting_idx" ON "execution_effects" USING btree ("created_at","company_id","execution_id") WHERE "execution_effects"."outcome" = 'waiting';--> statement-breakpoint
CREATE INDEX "insights_company_id_created_at_idx" ON "insights" USING btree ("company_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "execution_follows_next_look_at_idx" ON "execution_follows" USING btree ("next_look_at");--> statement-breakpoint
CREATE INDEX "execution_follows_leased_by_idx" ON "execution_follows" USING btree ("leased_by");--> statement-breakpoint
CREATE INDEX "integration_flows_template_id_idx" ON "integration_flows" USING btree ("template_id");--> statement-breakpoint
CREATE UNIQUE INDEX "integrations_company_id_kind_key" ON "integrations" USING btree ("company_id","kind") WHERE "integrations"."removed_at" is null;--> statement-breakpoint
CREATE INDEX "integrations_created_by_idx" ON "integrations" USING btree ("created_by");--> statement-breakpoint
CREATE INDEX "schedule_occurrences_company_id_execution_id_idx" ON "schedule_occurrences" USING btree ("company_id","execution_id");--> statement-breakpoint
CREATE INDEX "schedule_occurrences_waiting_idx" ON "schedule_occurrences" USING btree ("due_at") WHERE "schedule_occurrences"."outcome" = 'waiting';--> statement-breakpoint
CREATE INDEX "workflow_schedules_company_id_studio_id_idx" ON "workflow_schedules" USING btree ("company_id","studio_id");--> statement-breakpoint
CREATE INDEX "workflow_schedules_company_id_created_at_idx" ON "workflow_schedules" USING btree ("company_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "workflow_schedules_template_id_idx" ON "workflow_schedules" USING btree ("template_id");--> statement-breakpoint
CREATE INDEX "workflow_schedules_user_id_idx" ON "workflow_schedules" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "workflow_schedules_due_idx" ON "workflow_schedules" USING btree ("next_due_at") WHERE "workflow_schedules"."is_active";--> statement-breakpoint
ALTER TABLE "execution_attempts" ADD CONSTRAINT "execution_attempts_integration_fkey" FOREIGN KEY ("company_id","integration_id") REFERENCES "public"."integrations"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workflow_executions" ADD CONSTRAINT "workflow_executions_failure_group_fkey" FOREIGN KEY ("company_id","failure_group_id") REFERENCES "public"."failure_groups"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workflow_executions" ADD CONSTRAINT "workflow_executions_integration_fkey" FOREIGN KEY ("company_id","integration_id") REFERENCES "public"."integrations"("company_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "execution_attempts_company_id_integration_id_idx" ON "execution_attempts" USING btree ("company_id","integration_id");--> statement-breakpoint
CREATE INDEX "execution_events_company_id_transaction_id_idx" ON "execution_events" USING btree ("company_id","transaction_id","id");--> statement-breakpoint
CREATE INDEX "workflow_executions_company_id_failure_group_id_idx" ON "workflow_executions" USING btree ("company_id","failure_group_id");--> statement-breakpoint
CREATE INDEX "workflow_executions_company_id_integration_id_idx" ON "workflow_executions" USING btree ("company_id","integration_id");--> statement-breakpoint
CREATE INDEX "workflow_executions_waiting_idx" ON "workflow_executions" USING btree ("company_id","priority","created_at","id") WHERE "workflow_executions"."status" = 'pending';--> statement-breakpoint
CREATE INDEX "workflow_executions_held_idx" ON "workflow_executions" USING btree ("company_id","created_at","id") WHERE "workflow_executions"."status" = 'held';--> statement-breakpoint
CREATE INDEX "workflow_executions_running_idx" ON "workflow_executions" USING btree ("company_id","integration_id") WHERE "workflow_executions"."status" = 'running';--> statement-breakpoint
ALTER TABLE "company_usage" DROP CONSTRAINT "company_usage_pkey";
--> statement-breakpoint
ALTER TABLE "company_usage" ADD CONSTRAINT "company_usage_pkey" PRIMARY KEY("company_id","month","slot");--> statement-breakpoint
ALTER TABLE "workflow_executions" ADD CONSTRAINT "workflow_executions_priority_check" CHECK ("workflow_executions"."priority" between 0 and 3);--> statement-breakpoint
ALTER TABLE "workflow_executions" ADD CONSTRAINT "workflow_executions_held_for_status_check" CHECK (("workflow_executions"."status" = 'held') = ("workflow_executions"."held_for" is not null));--> statement-breakpoint
ALTER TABLE "workflow_executions" ADD CONSTRAINT "workflow_executions_held_for_check" CHECK ("workflow_executions"."held_for" in ('quota', 'person'));--> statement-breakpoint
ALTER TABLE "workflow_executions" ADD CONSTRAINT "workflow_executions_retry_from_check" CHECK ("workflow_executions"."retry_from" in ('failed_step', 'start'));--> statement-breakpoint
CREATE POLICY "failure_groups_select" ON "failure_groups" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("failure_groups"."company_id" = any ((select app.company_ids('viewer'))::uuid[]) and "failure_groups"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]));--> statement-breakpoint
CREATE POLICY "failure_groups_update" ON "failure_groups" AS PERMISSIVE FOR UPDATE TO "authenticated" USING ("failure_groups"."company_id" = any ((select app.company_ids('member'))::uuid[]) and "failure_groups"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[])) WITH CHECK ("failure_groups"."company_id" = any ((select app.company_ids('member'))::uuid[]) and "failure_groups"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]));--> statement-breakpoint
CREATE POLICY "failure_groups_worker" ON "failure_groups" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "bulk_items_select" ON "bulk_items" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("bulk_items"."company_id" = any ((select app.company_ids('viewer'))::uuid[]) and "bulk_items"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]));--> statement-breakpoint
CREATE POLICY "bulk_items_insert" ON "bulk_items" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK ("bulk_items"."company_id" = any ((select app.company_ids('member'))::uuid[]) and "bulk_items"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]));--> statement-breakpoint
CREATE POLICY "bulk_items_worker" ON "bulk_items" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "bulk_operations_select" ON "bulk_operations" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("bulk_operations"."company_id" = any ((select app.company_ids('viewer'))::uuid[]));--> statement-breakpoint
CREATE POLICY "bulk_operations_insert" ON "bulk_operations" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK ("bulk_operations"."company_id" = any ((select app.company_ids('member'))::uuid[]) and "bulk_operations"."user_id" = (select app.user_id()));--> statement-breakpoint
CREATE POLICY "bulk_operations_update" ON "bulk_operations" AS PERMISSIVE FOR UPDATE TO "authenticated" USING ("bulk_operations"."company_id" = any ((select app.company_ids('member'))::uuid[])) WITH CHECK ("bulk_operations"."company_id" = any ((select app.company_ids('member'))::uuid[]));--> statement-breakpoint
CREATE POLICY "bulk_operations_worker" ON "bulk_operations" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "execution_effects_select" ON "execution_effects" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("execution_effects"."company_id" = any ((select app.company_ids('viewer'))::uuid[]) and "execution_effects"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]));--> statement-breakpoint
CREATE POLICY "execution_effects_worker" ON "execution_effects" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "insights_select" ON "insights" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("insights"."company_id" = any ((select app.company_ids('viewer'))::uuid[]) and "insights"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]));--> statement-breakpoint
CREATE POLICY "insights_worker" ON "insights" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "execution_callbacks_worker" ON "execution_callbacks" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "execution_follows_worker" ON "execution_follows" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "integration_flows_worker" ON "integration_flows" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "integrations_select" ON "integrations" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("integrations"."company_id" = any ((select app.company_ids('admin'))::uuid[]));--> statement-breakpoint
CREATE POLICY "integrations_worker" ON "integrations" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "schedule_occurrences_select" ON "schedule_occurrences" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("schedule_occurrences"."company_id" = any ((select app.company_ids('viewer'))::uuid[]) and "schedule_occurrences"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]));--> statement-breakpoint
CREATE POLICY "schedule_occurrences_worker" ON "schedule_occurrences" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);--> statement-breakpoint
CREATE POLICY "workflow_schedules_select" ON "workflow_schedules" AS PERMISSIVE FOR SELECT TO "authenticated" USING ("workflow_schedules"."company_id" = any ((select app.company_ids('viewer'))::uuid[]) and "workflow_schedules"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]));--> statement-breakpoint
CREATE POLICY "workflow_schedules_insert" ON "workflow_schedules" AS PERMISSIVE FOR INSERT TO "authenticated" WITH CHECK ("workflow_schedules"."company_id" = any ((select app.company_ids('member'))::uuid[]) and "workflow_schedules"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]) and "workflow_schedules"."user_id" = (select app.user_id()));--> statement-breakpoint
CREATE POLICY "workflow_schedules_update" ON "workflow_schedules" AS PERMISSIVE FOR UPDATE TO "authenticated" USING ("workflow_schedules"."company_id" = any ((select app.company_ids('member'))::uuid[]) and "workflow_schedules"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[])) WITH CHECK ("workflow_schedules"."company_id" = any ((select app.company_ids('member'))::uuid[]) and "workflow_schedules"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]));--> statement-breakpoint
CREATE POLICY "workflow_schedules_delete" ON "workflow_schedules" AS PERMISSIVE FOR DELETE TO "authenticated" USING ("workflow_schedules"."company_id" = any ((select app.company_ids('member'))::uuid[]) and "workflow_schedules"."studio_id" <> all ((select app.hidden_studio_ids())::uuid[]));--> statement-breakpoint
CREATE POLICY "workflow_schedules_worker" ON "workflow_schedules" AS PERMISSIVE FOR ALL TO "studios_worker" USING (true) WITH CHECK (true);