create or replace function app.without_texts(value jsonb, hidden text[]) returns jsonb
  language plpgsql immutable set search_path = '' as $$
declare
  said text;
begin
  if cardinality(hidden) = 0 then
    return value;
  end if;
  case jsonb_typeof(value)
  when 'object' then
    return (select coalesce(jsonb_object_agg(p.key, case when p.key in ('id', 'type', 'importance') then p.value
      else app.without_texts(p.value, hidden) end), '{}') from jsonb_each(value) p);
  when 'array' then
    return (select coalesce(jsonb_agg(app.without_texts(e.value, hidden) order by e.ordinality), '[]')
      from jsonb_array_elements(value) with ordinality e);
  when 'string' then
    said := value #>> '{}';
    for place in 1..cardinality(hidden) loop
      said := replace(said, hidden[place], '(hidden)');
    end loop;
    return to_jsonb(said);
  else
    return value;
  end case;
end $$;
