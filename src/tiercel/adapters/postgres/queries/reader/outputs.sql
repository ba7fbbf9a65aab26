-- Which task runs have outputs, by the primary key; the values of a loop stand in the same column and are none, and
-- `null` stands where a later attempt gave nothing.
SELECT task_id, id, value, iteration, NOT starts_with(encode(substr(outputs, 1, 7), 'escape'), '{"$ref"') AS is_inline
FROM task_runs
WHERE execution_id = $1 AND outputs <> 'null' AND NOT starts_with(encode(substr(outputs, 1, 12), 'escape'), '{"$values"')
ORDER BY ord
