-- Executions that are over, or gone, and still lock their trigger.
SELECT t.execution_id AS id
FROM triggers AS t
WHERE t.execution_id IS NOT NULL AND NOT EXISTS (SELECT FROM executions AS e WHERE e.id = t.execution_id AND e.live)
  AND NOT EXISTS (SELECT FROM trigger_jobs AS j WHERE j.trigger_key = t.key)
ORDER BY t.execution_id
