-- The scheduler, whose triggers were freed.
SELECT count(pg_notify('triggers', key::text)) FROM _triggers_freed
