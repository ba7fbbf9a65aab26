-- Triggers whose execution is over, by triggers_locked; the scheduler is told.
UPDATE triggers
SET execution_id = NULL, version = version + 1, updated = now()
WHERE execution_id = ANY($1::text[])
RETURNING key
