-- Jobs whose worker has no lease, by jobs_worker, or in order where most jobs have one.
SELECT j.execution_id, j.ord, j.attempt, j.shard, j.queue, j.priority, j.worker, j.body
FROM jobs AS j
WHERE j.worker IS NOT NULL AND NOT EXISTS (SELECT FROM leases AS l WHERE l.id = j.worker)
ORDER BY j.id
