-- Executions with a scope (of their own, -1, or of an open task run) that miscounts its children: those that are open, or
-- more ended ones in a state than there are. Which of the ended belong to errors and finally, only the flow knows.
WITH scopes AS (
  SELECT e.id, -1 AS ord, replace(convert_from(e.progress, 'UTF8'), '\u0000', '\u0001')::jsonb -> 'root' AS counters
  FROM executions AS e
  WHERE e.live
  UNION ALL
  SELECT r.execution_id, r.ord, replace(convert_from(r.counters, 'UTF8'), '\u0000', '\u0001')::jsonb
  FROM task_runs AS r
  JOIN executions AS e ON e.id = r.execution_id AND e.live
  WHERE r.ended IS NULL AND r.counters IS NOT NULL
), children AS (
  SELECT r.execution_id, r.parent, n.name, count(*) AS n, r.ended IS NULL AS open
  FROM task_runs AS r
  JOIN state_names AS n ON n.number = r.state
  WHERE NOT coalesce((replace(convert_from(r.record, 'UTF8'), '\u0000', '\u0001')::jsonb ->> 'dynamic')::bool, false)
  GROUP BY r.execution_id, r.parent, n.name, r.ended IS NULL
)
SELECT DISTINCT s.id
FROM scopes AS s
WHERE coalesce((s.counters ->> 'open')::int, 0) + coalesce((s.counters ->> 'retrying')::int, 0)
    <> coalesce((SELECT sum(c.n) FROM children AS c WHERE c.execution_id = s.id AND c.parent = s.ord AND c.open), 0)
  AND s.counters IS NOT NULL
  OR EXISTS (
    SELECT FROM jsonb_each_text(s.counters -> 'ended') AS counted (name, n)
    WHERE counted.n::int > coalesce(
      (SELECT sum(c.n) FROM children AS c
       WHERE c.execution_id = s.id AND c.parent = s.ord AND NOT c.open AND c.name = counted.name), 0))
ORDER BY s.id
