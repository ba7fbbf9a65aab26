-- Give what a worker without a lease had back to the others, by trigger_jobs_worker.
WITH freed AS (
  UPDATE trigger_jobs AS j
  SET worker = NULL, worker_name = NULL
  WHERE j.worker IS NOT NULL AND NOT EXISTS (SELECT FROM leases AS l WHERE l.id = j.worker)
  RETURNING j.id
)
SELECT count(pg_notify('trigger_jobs', '')) FROM freed
