-- Task runs that a restart or a new round takes away, with all below them, in one partition. Rare: it reads whole executions.
DELETE FROM task_runs_{partition} AS r
USING (
  WITH RECURSIVE gone AS (
    SELECT execution_id COLLATE "C", ord FROM unnest($1::text[], $2::int[]) AS t (execution_id, ord)
    UNION
    SELECT below.execution_id, below.ord
    FROM gone JOIN task_runs_{partition} AS below ON below.execution_id = gone.execution_id AND below.parent = gone.ord
  )
  SELECT execution_id, ord FROM gone
) AS t
WHERE r.execution_id = t.execution_id AND r.ord = t.ord
