drop schema app cascade;
do $$
declare
  login text;
begin
  foreach login in array array['studios_api', 'studios_worker'] loop
    begin
      execute format('drop owned by %I', login);
      execute format('drop role %I', login);
    exception when dependent_objects_still_exist or object_in_use then null; -- another database of the cluster uses the role
    end;
  end loop;
end $$;
