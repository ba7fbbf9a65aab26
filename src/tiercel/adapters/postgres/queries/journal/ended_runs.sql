-- Ended runs of one execution, of some tasks or (NULL) of all, by the primary key of its partition.
SELECT * FROM task_runs_{partition}
WHERE execution_id = $1 AND ended IS NOT NULL AND ($2::text[] IS NULL OR task_id = ANY($2::text[]))
ORDER BY ord
