drop trigger user_companies_wake_watchers on user_companies;
drop trigger execution_events_order on execution_events;

drop function app.wake_company_watchers();
drop function app.order_events();
