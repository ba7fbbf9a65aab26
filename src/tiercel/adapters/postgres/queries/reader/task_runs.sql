-- A page of an execution's task runs without their outputs, by the primary key.
SELECT execution_id, ord, id, task_id, parent, value, iteration, state, started, ended, record, counters,
  NULL::bytea AS outputs
FROM task_runs
WHERE execution_id = $1 AND ord > $2
ORDER BY ord
LIMIT $3
