-- Forget executions with everything of theirs but log lines; children of the statement's snapshot go with their parents.
WITH labels AS (
  DELETE FROM execution_labels AS l USING unnest($2::bigint[], $3::text[]) AS t (label, execution_id)
  WHERE l.label = t.label AND l.execution_id = t.execution_id
), history AS (
  DELETE FROM events WHERE execution_id = ANY($1::text[])
), runs AS (
  DELETE FROM task_runs WHERE execution_id = ANY($1::text[])
), reported AS (
  DELETE FROM metrics WHERE execution_id = ANY($1::text[])
)
DELETE FROM executions WHERE id = ANY($1::text[])
