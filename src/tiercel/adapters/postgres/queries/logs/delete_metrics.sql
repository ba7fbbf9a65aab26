-- Forget the metrics of executions, by metrics_execution.
WITH gone AS (DELETE FROM metrics WHERE execution_id = ANY ($1::text[]) RETURNING 1)
SELECT count(*) FROM gone
