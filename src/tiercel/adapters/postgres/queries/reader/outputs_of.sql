-- The outputs of one task run, by the primary key's first column.
SELECT outputs
FROM task_runs
WHERE execution_id = $1 AND id = $2 AND outputs <> 'null' AND NOT starts_with(encode(substr(outputs, 1, 12), 'escape'), '{"$values"')
