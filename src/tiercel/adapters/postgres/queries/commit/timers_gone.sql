-- Timers that fired or were cancelled, by the primary key.
DELETE FROM timers AS r
USING unnest($1::text[], $2::text[]) AS t (execution_id, name)
WHERE r.execution_id = t.execution_id AND r.name = t.name
