-- One execution of each limit of concurrency that more executions run within than it allows, unless a person let one pass.
-- Who holds a slot is not stored: it is who lives and has begun. 0, 2, 6 = CREATED, QUEUED, RESTARTED: not begun.
WITH holders AS (
  SELECT e.id, b.bound -> 0 AS key, (b.bound ->> 1)::int AS size,
    EXISTS (SELECT FROM events AS v WHERE v.execution_id = e.id AND strpos(convert_from(v.body, 'UTF8'), '"forceRun"') > 0)
      AS is_forced
  FROM executions AS e
  CROSS JOIN LATERAL (
    SELECT replace(convert_from(e.progress, 'UTF8'), '\u0000', '\u0001')::jsonb AS progress
  ) AS d
  CROSS JOIN LATERAL jsonb_array_elements(d.progress -> 'bounds') AS b (bound)
  WHERE e.live AND e.kind <> 3 AND e.state NOT IN (0, 2, 6)
    AND d.progress #> '{state,histories}' @> '[{"state": "RUNNING"}]'
)
SELECT min(id) AS id
FROM holders
GROUP BY key
HAVING count(*) > max(size) AND NOT bool_or(is_forced)
ORDER BY 1
