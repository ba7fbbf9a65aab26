-- Triggers whose execution is over, by triggers_locked; the scheduler is told.
UPDATE triggers AS r
SET execution_id = NULL, freed = t.at, version = r.version + 1, updated = now()
FROM unnest($1::text[], $2::timestamptz[]) AS t (execution_id, at)
WHERE r.execution_id = t.execution_id
RETURNING r.key
