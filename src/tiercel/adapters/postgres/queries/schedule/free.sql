-- Locks of executions that are really over, or gone: void. By triggers_locked.
UPDATE triggers AS r
SET execution_id = NULL, version = version + 1, updated = now()
WHERE r.execution_id IS NOT NULL AND NOT EXISTS (SELECT FROM executions AS e WHERE e.id = r.execution_id AND e.live)
RETURNING r.key
