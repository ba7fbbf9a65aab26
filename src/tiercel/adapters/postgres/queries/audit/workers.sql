-- Executions with a job of a worker that has no lease: it was to be pushed again, or given to another one.
SELECT DISTINCT j.execution_id AS id
FROM jobs AS j
WHERE j.worker IS NOT NULL AND NOT EXISTS (SELECT FROM leases AS l WHERE l.id = j.worker)
ORDER BY j.execution_id
