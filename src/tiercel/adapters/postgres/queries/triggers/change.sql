-- Write a state if nobody else did since it was read, and tell the scheduler.
WITH changed AS (
  UPDATE triggers
  SET next_at = $3, disabled = $4, execution_id = $5, backfill = $6, record = $7, version = version + 1, updated = now()
  WHERE key = $1 AND version = $2
  RETURNING key, version, updated
)
SELECT version, updated, pg_notify('triggers', key::text) FROM changed
