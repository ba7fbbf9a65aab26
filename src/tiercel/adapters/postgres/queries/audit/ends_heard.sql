-- Executions with a task run that still waits for an execution which is over, and for none that lives. Loops count theirs.
WITH children AS (
  SELECT c.live, replace(convert_from(c.given, 'UTF8'), '\u0000', '\u0001')::jsonb -> 'waits' AS waits
  FROM executions AS c
  WHERE c.cause_id IS NOT NULL AND c.kind <> 3
), links AS (
  SELECT waits ->> 'executionId' AS id, (waits ->> 'ord')::int AS ord, (waits ->> 'attempt')::int AS attempt
  FROM children
  WHERE waits IS NOT NULL
  GROUP BY waits
  HAVING NOT bool_or(live)
)
SELECT DISTINCT l.id
FROM links AS l
JOIN task_runs AS r ON r.execution_id = l.id AND r.ord = l.ord AND r.ended IS NULL
CROSS JOIN LATERAL (
  SELECT replace(convert_from(r.record, 'UTF8'), '\u0000', '\u0001')::jsonb -> 'attempts' AS made
) AS a
WHERE jsonb_array_length(a.made) = l.attempt
  AND (SELECT n.number < 9 FROM state_names AS n WHERE n.name = a.made #>> '{-1,state,current}')
  AND replace(convert_from(r.counters, 'UTF8'), '\u0000', '\u0001')::jsonb -> 'laps' IS NULL
ORDER BY l.id
