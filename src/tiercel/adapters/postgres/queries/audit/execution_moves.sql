-- Executions that went from a state to another as the table of the model ($1 to $2) does not allow. Of a long history
-- only the first and the last moves are kept. A replay begins RESTARTED or RUNNING, in whatever state its source was: its
-- parent. An iteration of a loop (3) has one too, and is a replay where its labels say so. jsonb refuses NUL characters.
SELECT DISTINCT e.id
FROM executions AS e
CROSS JOIN LATERAL (
  SELECT replace(convert_from(e.progress, 'UTF8'), '\u0000', '\u0001')::jsonb #> '{state,histories}' AS moments
) AS h
CROSS JOIN LATERAL (
  SELECT lag(m.moment ->> 'state') OVER (ORDER BY m.place) AS before, m.moment ->> 'state' AS after
  FROM jsonb_array_elements(h.moments) WITH ORDINALITY AS m (moment, place)
) AS moved
WHERE jsonb_array_length(h.moments) < 100
  AND NOT (moved.after IN ('RESTARTED', 'RUNNING') AND e.parent_id IS NOT NULL
    AND (e.kind <> 3 OR e.labels && ARRAY['system.replay:true', 'system.restarted:true']))
  AND NOT EXISTS (
    SELECT FROM unnest($1::text[], $2::text[]) AS allowed (before, after)
    WHERE allowed.before IS NOT DISTINCT FROM moved.before AND allowed.after = moved.after)
ORDER BY e.id
