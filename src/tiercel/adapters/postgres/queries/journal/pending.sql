-- Executions that are marked, by executions_marked.
SELECT id FROM executions WHERE marked AND live ORDER BY id
