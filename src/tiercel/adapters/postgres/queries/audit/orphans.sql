-- Executions that are gone, and something of theirs is not.
SELECT DISTINCT o.id
FROM (
  SELECT execution_id AS id FROM task_runs
  UNION ALL SELECT execution_id FROM events
  UNION ALL SELECT execution_id FROM execution_labels
  UNION ALL SELECT execution_id FROM jobs
  UNION ALL SELECT execution_id FROM timers
) AS o
WHERE NOT EXISTS (SELECT FROM executions AS e WHERE e.id = o.id)
ORDER BY o.id
