-- Forget the state of one trigger, and tell the scheduler and the worker that has it.
WITH gone AS (
  DELETE FROM triggers WHERE key = $1 RETURNING key
), stopped AS (
  DELETE FROM trigger_jobs WHERE trigger_key IN (SELECT key FROM gone) RETURNING worker
)
SELECT key, pg_notify('triggers', key::text),
  (SELECT count(pg_notify('triggers_of_' || worker, '')) FROM stopped WHERE worker IS NOT NULL)
FROM gone
