-- Lines with the names their numbers stand for, by logs_execution or logs_time.
SELECT t.name AS tenant, n.name AS namespace, f.id AS flow, l.at, l.seq, l.execution_id, l.task_run_id, l.task_id,
  l.attempt, l.trigger_id, l.level, l.thread, l.message
FROM logs AS l
JOIN flows AS f ON f.key = l.flow
JOIN namespaces AS n ON n.key = f.namespace
JOIN tenants AS t ON t.key = f.tenant
WHERE {where}
ORDER BY l.at {direction}, l.seq {direction}
