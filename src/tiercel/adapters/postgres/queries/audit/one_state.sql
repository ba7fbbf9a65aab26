-- Executions that have a task run twice.
SELECT execution_id AS id
FROM task_runs
GROUP BY execution_id, id
HAVING count(*) > 1
ORDER BY execution_id
