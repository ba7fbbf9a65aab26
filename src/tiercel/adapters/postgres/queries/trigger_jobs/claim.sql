-- Take triggers that wait for a worker, by trigger_jobs_waiting. A worker that was given up for lost (no lease) gets none.
UPDATE trigger_jobs AS j
SET worker = $1, worker_name = $3
WHERE j.id = ANY(ARRAY(
  SELECT id FROM trigger_jobs
  WHERE worker IS NULL AND finding IS NULL
  ORDER BY id
  LIMIT $2
  FOR UPDATE SKIP LOCKED
))
AND EXISTS (SELECT FROM leases AS l WHERE l.id = $1::bigint FOR KEY SHARE)
RETURNING j.id, j.body
