-- Executions that live and wait for nothing: 2 = QUEUED, 4 = PAUSED, 5 = BREAKPOINT, 0 = messages that are events.
SELECT e.id
FROM executions AS e
WHERE e.live AND NOT e.marked AND e.state NOT IN (2, 4, 5)
  AND NOT EXISTS (SELECT FROM jobs AS j WHERE j.execution_id = e.id)
  AND NOT EXISTS (SELECT FROM timers AS t WHERE t.execution_id = e.id)
  AND NOT EXISTS (SELECT FROM messages AS m WHERE m.target = e.id)
  AND NOT EXISTS (SELECT FROM executions AS c WHERE c.live AND c.parent_id = e.id)
  AND NOT EXISTS (SELECT FROM executions AS c WHERE c.live AND c.cause_id = e.id)
ORDER BY e.id
