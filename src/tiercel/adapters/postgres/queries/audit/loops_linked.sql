-- Executions with an open task run that counts executions as under way (an iteration of a Loop, a batch of a ForEachItem)
-- which are over, or the other way round. After a restart a loop first looks up which there are.
WITH loops AS (
  SELECT r.execution_id, r.ord, r.id,
    replace(convert_from(r.counters, 'UTF8'), '\u0000', '\u0001')::jsonb -> 'laps' AS laps
  FROM task_runs AS r
  JOIN executions AS e ON e.id = r.execution_id AND e.live
  WHERE r.ended IS NULL AND r.counters IS NOT NULL
), living AS (
  SELECT c.cause_id, replace(convert_from(c.given, 'UTF8'), '\u0000', '\u0001')::jsonb AS given
  FROM executions AS c
  WHERE c.live AND c.cause_id IS NOT NULL
)
SELECT DISTINCT l.execution_id AS id
FROM loops AS l
WHERE l.laps IS NOT NULL AND coalesce((l.laps ->> 'isRecounted')::bool, true)
  AND ARRAY(SELECT jsonb_array_elements_text(l.laps -> 'running')::int ORDER BY 1) <> ARRAY(
    SELECT coalesce(c.given #>> '{iteration,item,index}', c.given #>> '{trigger,variables,taskRunIteration}')::int
    FROM living AS c
    WHERE c.cause_id = l.execution_id AND (
      c.given #>> '{iteration,taskRunId}' = l.id
      OR c.given -> 'iteration' IS NULL AND c.given #> '{trigger,variables}' ? 'taskRunIteration'
        AND c.given #>> '{waits,executionId}' = l.execution_id AND (c.given #>> '{waits,ord}')::int = l.ord)
    ORDER BY 1)
ORDER BY l.execution_id
