-- Work that is to stop, by jobs_execution; the worker who has it is told.
UPDATE jobs AS j
SET killed = true
FROM unnest($1::text[], $2::int[], $3::int2[]) AS t (execution_id, ord, attempt)
WHERE j.execution_id = t.execution_id AND j.ord = t.ord AND j.attempt = t.attempt
RETURNING j.worker
