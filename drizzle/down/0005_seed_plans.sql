delete from plans p where not exists (select 1 from companies c where c.plan = p.name);
