drop schema app cascade;
drop owned by studios_api, studios_worker;
do $$
declare
  login text;
begin
  foreach login in array array['studios_api', 'studios_worker'] loop
    begin
      execute format('drop role %I', login);
    exception when dependent_objects_still_exist or object_in_use then null; -- another database of the cluster uses the role
    end;
  end loop;
end $$;
