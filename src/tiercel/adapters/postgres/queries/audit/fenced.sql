-- Executions that a writer has written after a later one had taken over.
SELECT DISTINCT w.execution_id AS id
FROM (
  SELECT v.execution_id, b.epoch, lag(b.epoch) OVER (PARTITION BY v.execution_id ORDER BY v.seq) AS before
  FROM events AS v
  CROSS JOIN LATERAL (
    SELECT (replace(convert_from(v.body, 'UTF8'), '\u0000', '\u0001')::jsonb ->> 'epoch')::bigint AS epoch
  ) AS b
) AS w
WHERE w.epoch < w.before
ORDER BY w.execution_id
