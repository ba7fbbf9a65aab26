-- Executions that are over and not tidy: without an end, or with an open task run, a job or a timer.
SELECT e.id
FROM executions AS e
WHERE NOT e.live
  AND (e.ended IS NULL
    OR EXISTS (SELECT FROM task_runs AS r WHERE r.execution_id = e.id AND r.ended IS NULL)
    OR EXISTS (SELECT FROM jobs AS j WHERE j.execution_id = e.id)
    OR EXISTS (SELECT FROM timers AS t WHERE t.execution_id = e.id))
ORDER BY e.id
