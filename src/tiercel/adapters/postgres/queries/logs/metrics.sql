-- Numbers that the tasks of an execution reported, by metrics_execution.
SELECT n.name AS namespace, f.id AS flow, m.execution_id, m.task_id, m.task_run_id, m.type, m.name, m.value, m.at, m.tags,
  count(*) OVER () AS total
FROM metrics AS m
JOIN flows AS f ON f.key = m.flow
JOIN namespaces AS n ON n.key = f.namespace
WHERE m.execution_id = $1
ORDER BY m.at
LIMIT $2 OFFSET $3
