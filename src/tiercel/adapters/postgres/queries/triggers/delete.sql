-- Forget the state of one trigger, and tell the scheduler.
WITH gone AS (DELETE FROM triggers WHERE key = $1 RETURNING key)
SELECT key, pg_notify('triggers', key::text) FROM gone
