-- Executions with a job that is there twice, or that no open task run of a living execution waits for in that attempt.
SELECT j.execution_id AS id
FROM jobs AS j
LEFT JOIN executions AS e ON e.id = j.execution_id AND e.live
LEFT JOIN task_runs AS r ON r.execution_id = j.execution_id AND r.ord = j.ord AND r.ended IS NULL
CROSS JOIN LATERAL (
  SELECT count(*) AS made, count(*) FILTER (WHERE n.number < 9) AS open
  FROM jsonb_array_elements(replace(convert_from(r.record, 'UTF8'), '\u0000', '\u0001')::jsonb -> 'attempts') AS a (attempt)
  JOIN state_names AS n ON n.name = a.attempt #>> '{state,current}'
) AS attempts
GROUP BY j.execution_id, j.ord, j.attempt
HAVING count(*) > 1
  OR bool_or(e.id IS NULL OR r.execution_id IS NULL OR j.attempt <> attempts.made + CASE WHEN attempts.open > 0 THEN 0 ELSE 1 END)
ORDER BY j.execution_id
