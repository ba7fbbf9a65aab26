-- Ended runs of some tasks of one execution, by the primary key of its partition.
SELECT * FROM task_runs_{partition}
WHERE execution_id = $1 AND ended IS NOT NULL AND task_id = ANY($2::text[])
ORDER BY ord
