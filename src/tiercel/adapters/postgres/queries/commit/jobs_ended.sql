-- Work that is done or no longer wanted, by jobs_execution.
DELETE FROM jobs AS j
USING unnest($1::text[], $2::int[], $3::int2[]) AS t (execution_id, ord, attempt)
WHERE j.execution_id = t.execution_id AND j.ord = t.ord AND j.attempt = t.attempt
