-- The scheduler, whose triggers were freed, or whose watched executions are over.
SELECT count(pg_notify('triggers', key::text)) FROM (SELECT key FROM _triggers_freed UNION SELECT key FROM _watches_over) AS woken
