-- The latest of several executions that one cause started: an attempt of a Subflow, a batch of a ForEachItem, an iteration
-- of a Loop. 12 = RETRIED: another one has taken its place.
WITH causes AS (
  SELECT e.id, e.kind, replace(convert_from(e.given, 'UTF8'), '\u0000', '\u0001')::jsonb AS given
  FROM executions AS e
  WHERE e.cause_id IS NOT NULL AND e.state <> 12
)
SELECT max(id) AS id
FROM causes
WHERE given -> 'waits' IS NOT NULL
GROUP BY CASE WHEN kind = 3
  THEN jsonb_build_array(given #> '{iteration,taskRunId}', given #> '{iteration,item,index}')
  ELSE jsonb_build_array(given -> 'waits', given #> '{trigger,variables,taskRunIteration}') END
HAVING count(*) > 1
ORDER BY 1
