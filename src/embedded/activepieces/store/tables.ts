/** Columns are named as the API names them, so that a row is the entity. */
export const tables = `
create table if not exists secrets (name text primary key, value text not null) strict;
create table if not exists identities (
  id text primary key, email text not null unique, passwordHash text not null, firstName text not null,
  lastName text not null, trackEvents integer not null, newsLetter integer not null, tokenVersion text not null,
  created text not null, updated text not null) strict;
create table if not exists platforms (
  id text primary key, name text not null, ownerId text not null, created text not null, updated text not null) strict;
create table if not exists users (
  id text primary key, identityId text not null references identities, platformId text not null references platforms,
  created text not null, updated text not null) strict;
create table if not exists projects (
  id text primary key, platformId text not null references platforms, ownerId text not null, displayName text not null,
  type text not null, externalId text unique, metadata text, maxConcurrentJobs integer, planId text not null,
  created text not null, updated text not null) strict;
create table if not exists flows (
  id text primary key, projectId text not null references projects, externalId text not null, ownerId text not null,
  folderId text, status text not null, publishedVersionId text, metadata text, operationStatus text not null,
  templateId text, created text not null, updated text not null) strict;
drop index if exists flows_of_project;
create index if not exists flows_by_age on flows (projectId, created);
create table if not exists flow_versions (
  id text primary key, flowId text not null references flows on delete cascade, displayName text not null,
  trigger text not null, schemaVersion text not null, valid integer not null, state text not null, updatedBy text,
  notes text not null, created text not null, updated text not null) strict;
drop index if exists versions_of_flow;
create index if not exists versions_by_age on flow_versions (flowId, created);
create table if not exists inbox (
  seq integer primary key autoincrement, flowId text not null references flows on delete cascade,
  flowVersionId text not null, environment text not null, parentRunId text, payload text, payloadFileId text,
  created text not null) strict;
create table if not exists dedupe_keys (
  flowId text not null, dedupeKey text not null, expires integer not null, primary key (flowId, dedupeKey)) strict;
create table if not exists runs (
  id text primary key, projectId text not null, flowId text not null references flows on delete cascade,
  flowVersionId text not null, environment text not null, logsFileId text, parentRunId text,
  failParentOnFailure integer not null, status text not null, tags text not null, startTime text, finishTime text,
  failedStep text, archivedAt text, stepsCount integer not null, logBytes integer not null, queuePosition integer,
  resume text, earlyResume text, created text not null, updated text not null) strict;
drop index if exists runs_of_project;
create index if not exists runs_by_age on runs (projectId, created);
drop index if exists runs_of_flow;
create index if not exists runs_of_flow_by_age on runs (flowId, created);
create index if not exists runs_waiting on runs (queuePosition) where queuePosition is not null;
create table if not exists run_tags (
  tag text not null, runId text not null references runs on delete cascade, primary key (tag, runId)) strict, without rowid;
create index if not exists tags_of_run on run_tags (runId);
create trigger if not exists runs_keep_tags after update of tags on runs begin
  insert or ignore into run_tags (tag, runId) select value, new.id from json_each(new.tags);
end;
insert into run_tags (tag, runId)
  select value, runs.id from runs, json_each(runs.tags) where not exists (select 1 from run_tags);
create table if not exists run_steps (
  runId text not null references runs on delete cascade, scope text not null, name text not null,
  position integer not null, type text not null, status text not null, input text, output text, outputFileId text,
  duration real, errorMessage text, primary key (runId, scope, name)) strict, without rowid;
create table if not exists waitpoints (
  id text primary key, runId text not null references runs on delete cascade, step text not null, kind text not null,
  resumeAt integer, isUsed integer not null, created text not null) strict;
create index if not exists waitpoints_of_run on waitpoints (runId);
create index if not exists waitpoints_due on waitpoints (resumeAt) where resumeAt is not null and isUsed = 0;
create table if not exists files (
  id text primary key, runId text, mimeType text not null, data blob not null, created text not null) strict;
create index if not exists files_of_run on files (runId);
create table if not exists pieces (
  name text primary key, id text not null, version text not null, packageType text not null, archiveId text,
  created text not null, updated text not null) strict;
`
