-- Executions of which, or of one of whose task runs, the columns say another state or end than the document.
SELECT DISTINCT s.id
FROM (
  SELECT e.id, e.state, e.ended, replace(convert_from(e.progress, 'UTF8'), '\u0000', '\u0001')::jsonb -> 'state' AS written
  FROM executions AS e
  UNION ALL
  SELECT r.execution_id, r.state, r.ended, replace(convert_from(r.record, 'UTF8'), '\u0000', '\u0001')::jsonb -> 'state'
  FROM task_runs AS r
) AS s
JOIN state_names AS n ON n.number = s.state
-- 9 and above: the states that are an end.
WHERE n.name <> s.written ->> 'current'
  OR s.written ->> 'current' <> s.written #>> '{histories,-1,state}'
  OR (s.written IS NOT NULL AND (s.state >= 9) <> (s.ended IS NOT NULL))
ORDER BY s.id
