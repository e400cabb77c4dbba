-- Rules for bulk operations and for those who look after failed runs, and what makes two failures the same cause.
create index bulk_items_waiting_idx on bulk_items using btree (company_id, operation_id, ordinal) where verdict = 'waiting';

-- An operation runs, then it has finished or was aborted; people abort, only the worker finishes.
create function app.guard_bulk_operation() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    if app.is_request() and (new.status <> 'running' or new.completed_at is not null) then
      raise exception using errcode = 'ST001', message = 'Only the worker finishes a bulk operation.';
    end if;
    return new;
  end if;
  if new.status = old.status then
    new.completed_at := old.completed_at;
    return new;
  end if;
  if old.status <> 'running' then
    raise exception using errcode = 'ST003',
      message = format('This operation %s and cannot be changed any more.',
        case old.status when 'finished' then 'has finished' else 'was aborted' end);
  end if;
  if app.is_request() and new.status = 'finished' then
    raise exception using errcode = 'ST001', message = 'Only the worker finishes a bulk operation.';
  end if;
  new.completed_at := now();
  return new;
end $$;

-- What was not begun when an operation is aborted is skipped. A run that a worker has in hand is waited for.
create function app.skip_waiting_items() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  update public.bulk_items i set verdict = 'skipped', message = 'The operation was aborted before the turn of this run.', decided_at = now()
  where i.company_id = new.company_id and i.operation_id = new.id and i.verdict = 'waiting';
  return null;
end $$;

-- Runs are put into an operation by the person who starts it, each under the studio that it is in.
create function app.guard_bulk_items() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  person constant uuid := app.user_id();
begin
  if app.is_request() and exists (
    select from added a
    left join public.bulk_operations o on o.id = a.operation_id
    left join public.workflow_executions e on e.id = a.execution_id
    where o.user_id is distinct from person or o.status <> 'running' or e.studio_id is distinct from a.studio_id
      or a.verdict <> 'waiting' or num_nonnulls(a.message, a.new_execution_id, a.decided_at) > 0
  ) then
    raise exception using errcode = 'ST001', message = 'Only the person who starts an operation chooses its runs.';
  end if;
  return null;
end $$;

create trigger bulk_operations_guard before insert or update on bulk_operations for each row execute function app.guard_bulk_operation();
create trigger bulk_operations_skip after update of status on bulk_operations for each row
  when (old.status = 'running' and new.status = 'aborted') execute function app.skip_waiting_items();
create trigger bulk_items_guard after insert on bulk_items referencing new table as added
  for each statement execute function app.guard_bulk_items();

create function app.guard_failure_group() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if new.owner_id is distinct from old.owner_id and new.owner_id is not null
      and not app.works_in(new.owner_id, new.company_id, new.studio_id, 'viewer') then
    raise exception using errcode = 'ST003',
      message = 'The owner must be an approved member of the company who may enter the studio of these runs.';
  end if;
  new.changed_at := case when (new.state, new.owner_id) is distinct from (old.state, old.owner_id) then now() else old.changed_at end;
  return new;
end $$;

create trigger failure_groups_guard before update on failure_groups for each row execute function app.guard_failure_group();

-- A failure's message without what changes from run to run. Each rule is a pattern and what stands in its place, for text in
-- lower case; the order matters. What a service answered stays, as in "status code 503": it is another cause than 401.
create or replace function app.failure_pattern(message text) returns text
  language plpgsql immutable set search_path = '' as $$
declare
  month constant text := '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t|tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';
  weekday constant text := '(?:(?:mon|tue|tues|wed|wednes|thu|thurs|fri|sat|satur|sun)(?:day)?,? )?';
  file_kind constant text := '(?:csv|tsv|txt|pdf|jsonl?|xml|ya?ml|html?|md|log|zip|gz|tar|xlsx?|ods|docx?|odt|rtf|pptx?|eml|ics|png|jpe?g|gif|webp|svg|tiff?|heic|mp3|mp4|wav|parquet|sql|py|[cm]?[jt]sx?)';
  currency constant text := '(?:eur|usd|gbp|chf|jpy|cny|inr|aud|cad|nzd|sek|nok|dkk|pln|czk|huf|brl|mxn|zar)';
  word constant text := '[[:alnum:]_]*[0-9][[:alnum:]_]*';
  rules constant text[] := array[
    ['[[:space:]\u00a0\u202f]+', ' '],
    ['(https?://[^/ "''<>?]*)[^ "''<>]*', '\1/#'],
    ['"(?:[^"\\]|\\.)*"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|`[^`]*`', '"…"'],
    ['(?<![[:alnum:]])''(?:[^'']|''(?=[[:alnum:]]))*''(?![[:alnum:]])|‘(?:[^’]|’(?=[[:alnum:]]))*’(?![[:alnum:]])', '"…"'],
    ['[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', '#'],
    ['[^ @"<>(),;:]+@[^ @"<>(),;:]*[[:alnum:]]', '#'],
    ['(?<![^ (=])(?:[a-z]:)?[/\\][^ "<>|,;]+', '#'],
    ['[^ "<>|,;:()/]+[.]' || file_kind || '(?![[:alnum:]])', '#'],
    ['[0-9]{4}-[0-9]{2}-[0-9]{2}[t ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:z|[+-][0-9]{2}:?[0-9]{2})?', '#'],
    ['(?<![[:alnum:]])' || weekday || '[0-9]{1,2}(?:st|nd|rd|th)?[.]?(?: of)?[ -]' || month || '(?:[.]?,?[ -][0-9]{2,4})?(?![[:alnum:]])', '#'],
    ['(?<![[:alnum:]])' || weekday || month || '[.]? [0-9]{1,2}(?:st|nd|rd|th)?(?:,? [0-9]{4})?(?![[:alnum:]])', '#'],
    ['(?<![[:alnum:]])' || month || '[.]? [0-9]{4}(?![[:alnum:]])', '#'],
    ['(?<![[:alnum:]])[0-9]{1,2}(?::[0-9]{2})* ?[ap][.]?m(?![[:alnum:]])', '#'],
    ['(?<![[:alnum:]])((?:http|status)(?: status)?(?: code)?:? )([1-5][0-9]{2})(?![[:alnum:]])', '\1‹\2›'],
    ['(?<![[:alnum:]‹])(?:' || currency || ' ?)?[-+−]?(?:[$€£¥] ?)?[-+−]?' || word || '(?:[-.,:/''’]' || word || ')*(?:-[[:alpha:]]{1,3}(?![[:alnum:]-]))?(?: [0-9]{3}(?![[:alnum:]]))*(?: ?(?:[€$£¥]|'
      || currency || '(?![[:alnum:]])))?', '#'],
    ['("…"|#)(?:(?:,|;| and| or| to| -| –|, and|, or) ?\1)+', '\1']
  ];
  rule text[];
  pattern text := lower(coalesce(message, ''));
begin
  foreach rule slice 1 in array rules loop
    pattern := regexp_replace(pattern, rule[1], rule[2], 'g');
  end loop;
  return left(btrim(pattern, ' .'), 500);
end $$;

-- Step and kind are kept apart from each other and from the message, whichever of them is missing.
create or replace function app.group_failure(run public.workflow_executions) returns uuid
  language sql security definer set search_path = '' as $$
  insert into public.failure_groups as g (company_id, studio_id, template_id, fingerprint, step, failure_kind, message, failures)
  values (run.company_id, run.studio_id, run.template_id,
    encode(sha256(convert_to(jsonb_build_array(run.failed_step, run.failure_kind, app.failure_pattern(run.error_message))::text, 'UTF8')), 'hex'),
    run.failed_step, run.failure_kind, left(coalesce(run.error_message, 'No reason was given.'), 2000), 1)
  on conflict (company_id, studio_id, template_id, fingerprint) do update
  set failures = g.failures + 1, last_at = now(), message = excluded.message,
    state = case when g.state = 'resolved' then 'open' else g.state end
  returning id
$$;

revoke all on all functions in schema app from public;
