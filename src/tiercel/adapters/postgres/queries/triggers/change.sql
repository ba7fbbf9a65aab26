-- Write a state if nobody else did since it was read, and tell the scheduler; and the worker from whom it is taken.
-- The ends of executions it waits for wake the scheduler; one that ends in this very moment is found within a minute.
WITH changed AS (
  UPDATE triggers
  SET next_at = $3, disabled = $4, execution_id = $5, backfill = $6, record = $7, freed = $9,
    version = version + 1, updated = now()
  WHERE key = $1 AND version = $2
  RETURNING key, version, updated
), stopped AS (
  DELETE FROM trigger_jobs WHERE trigger_key IN (SELECT key FROM changed) AND NOT $8::bool RETURNING worker
), watched AS (
  INSERT INTO trigger_watches (execution_id, trigger_key)
  SELECT e.id, c.key FROM changed AS c CROSS JOIN executions AS e WHERE e.id = ANY($10::text[]) AND e.live
  ON CONFLICT (execution_id) DO NOTHING
)
SELECT version, updated, pg_notify('triggers', key::text),
  (SELECT count(pg_notify('triggers_of_' || worker, '')) FROM stopped WHERE worker IS NOT NULL)
FROM changed
