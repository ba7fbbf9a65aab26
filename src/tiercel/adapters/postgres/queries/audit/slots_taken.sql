-- Executions that are QUEUED (2) though each of their limits has a slot free. 0, 6 = CREATED, RESTARTED: not begun.
WITH bounds AS (
  SELECT e.id, e.state, b.bound -> 0 AS key, (b.bound ->> 1)::int AS size
  FROM executions AS e
  CROSS JOIN LATERAL jsonb_array_elements(
    replace(convert_from(e.progress, 'UTF8'), '\u0000', '\u0001')::jsonb -> 'bounds') AS b (bound)
  WHERE e.live AND e.kind <> 3
), held AS (
  SELECT key, count(*) AS n FROM bounds WHERE state NOT IN (0, 2, 6) GROUP BY key
)
SELECT b.id
FROM bounds AS b
LEFT JOIN held AS h ON h.key = b.key
WHERE b.state = 2
GROUP BY b.id
HAVING bool_and(coalesce(h.n, 0) < b.size)
ORDER BY b.id
