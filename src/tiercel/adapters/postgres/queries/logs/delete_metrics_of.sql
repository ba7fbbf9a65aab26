-- Forget metrics of some flows, or of one execution, that were reported in a span of time; by metrics_series.
WITH gone AS (
  DELETE FROM metrics
  WHERE flow = ANY ($1::int[]) AND ($2::text IS NULL OR execution_id = $2)
    AND ($3::timestamptz IS NULL OR at >= $3) AND ($4::timestamptz IS NULL OR at < $4)
  RETURNING 1
)
SELECT count(*) FROM gone
