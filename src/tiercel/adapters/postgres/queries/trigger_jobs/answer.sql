-- What a worker found, if it still has the trigger; the scheduler is told.
WITH answered AS (
  UPDATE trigger_jobs
  SET finding = $3, worker = NULL
  WHERE id = $1 AND worker = $2::bigint
  RETURNING trigger_key
)
SELECT pg_notify('triggers', trigger_key::text) FROM answered
