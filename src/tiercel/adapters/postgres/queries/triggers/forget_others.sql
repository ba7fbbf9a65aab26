-- Triggers that the flow no longer has; the workers that have them are told.
WITH gone AS (
  DELETE FROM triggers WHERE flow = $1 AND trigger_id <> ALL($2::text[]) RETURNING key
), stopped AS (
  DELETE FROM trigger_jobs WHERE trigger_key IN (SELECT key FROM gone) RETURNING worker
)
SELECT key, (SELECT count(pg_notify('triggers_of_' || worker, '')) FROM stopped WHERE worker IS NOT NULL) FROM gone
