-- Executions with a task run that went from a state to another as the table of the model ($1 to $2) does not allow; see
-- execution_moves. What tasks add to their executions (dynamic) begins in any state.
SELECT DISTINCT r.execution_id AS id
FROM task_runs AS r
JOIN executions AS e ON e.id = r.execution_id
CROSS JOIN LATERAL (
  SELECT replace(convert_from(r.record, 'UTF8'), '\u0000', '\u0001')::jsonb AS record
) AS d
CROSS JOIN LATERAL (
  SELECT lag(m.moment ->> 'state') OVER (ORDER BY m.place) AS before, m.moment ->> 'state' AS after
  FROM jsonb_array_elements(d.record #> '{state,histories}') WITH ORDINALITY AS m (moment, place)
) AS moved
WHERE NOT coalesce((d.record ->> 'dynamic')::bool, false)
  AND jsonb_array_length(d.record #> '{state,histories}') < 100
  AND NOT (moved.after IN ('RESTARTED', 'RUNNING') AND e.parent_id IS NOT NULL
    AND (e.kind <> 3 OR e.labels && ARRAY['system.replay:true', 'system.restarted:true']))
  AND NOT EXISTS (
    SELECT FROM unnest($1::text[], $2::text[]) AS allowed (before, after)
    WHERE allowed.before IS NOT DISTINCT FROM moved.before AND allowed.after = moved.after)
ORDER BY r.execution_id
