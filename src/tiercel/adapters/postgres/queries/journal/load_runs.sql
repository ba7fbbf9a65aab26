-- Task runs that have not ended, of one partition, by task_runs_open.
SELECT * FROM task_runs_{partition}
WHERE execution_id = ANY($1::text[]) AND ended IS NULL
ORDER BY execution_id, ord
