-- Iterations of the loops of an execution, by executions_parent; 3 is the kind LOOP.
SELECT * FROM executions WHERE parent_id = $1 AND kind = 3 ORDER BY id
