-- Give a trigger back to the workers.
WITH released AS (
  UPDATE trigger_jobs SET worker = NULL, worker_name = NULL WHERE id = $1 AND worker = $2::bigint RETURNING id
)
SELECT pg_notify('trigger_jobs', '') FROM released
