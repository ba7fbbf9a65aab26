-- Executions just created whose end the scheduler wants to be told of.
INSERT INTO trigger_watches (execution_id, trigger_key)
SELECT t.execution_id, t.trigger_key
FROM unnest($1::text[], $2::bigint[]) AS t (execution_id, trigger_key)
WHERE t.execution_id IN (SELECT id FROM _executions WHERE live)
